"""Seconds of a training step: ``pytorch.py MODEL STEPS`` prints the shortest and the median."""

import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)


def mlp():
    """A network of the size that digits have."""
    sizes = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)]
    net = nn.Sequential(*sizes)
    x, y = torch.randn(64, 784), torch.randint(0, 10, (64,))
    return net, lambda: F.cross_entropy(net(x), y)


def cnn():
    """Two convolutions, with batch normalisation and an activation in place."""
    first = [nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    second = [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    net = nn.Sequential(*first, nn.MaxPool2d(2), *second, nn.Linear(32 * 49, 10))
    x, y = torch.randn(32, 1, 28, 28), torch.randint(0, 10, (32,))
    return net, lambda: F.cross_entropy(net(x), y)


def transformer():
    """Two layers of an encoder, and a head."""
    layer = nn.TransformerEncoderLayer(128, 4, 512, activation="gelu", batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    head = nn.Linear(128, 64)
    x, y = torch.randn(8, 64, 128), torch.randint(0, 64, (512,))
    net = nn.ModuleList([encoder, head])
    return net, lambda: F.cross_entropy(head(encoder(x)).reshape(-1, 64), y)


def tiny():
    """1000 ops of 16 elements."""
    w = nn.Parameter(torch.randn(16))

    def loss():
        a = w
        for _ in range(500):
            a = (a * 1.0001).tanh()
        return a.sum()

    return nn.ParameterList([w]), loss


def main():
    """Trains, and says how long its steps took."""
    net, loss = {"mlp": mlp, "cnn": cnn, "transformer": transformer, "tiny": tiny}[sys.argv[1]]()
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)
    times = []
    for _ in range(int(sys.argv[2]) + 3):
        start = time.process_time()
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        times.append(time.process_time() - start)
    print("step", min(times[3:]), statistics.median(times[3:]), flush=True)


if __name__ == "__main__":
    main()
    never = abs(-1)

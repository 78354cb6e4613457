"""Median time of one of PyTorch's training steps, as a JSON object: python3 torch_steps.py WORK THREADS SECONDS"""

import json
import os
import sys
import time

work, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
# torch.set_num_threads does not reach an OpenBLAS with threads of its own, which would take all cores for large products.
os.environ["OPENBLAS_NUM_THREADS"] = str(threads)

import torch
import torch.nn as nn
import torch.nn.functional as F


def blas():
    """Which library multiplies matrices, by what is loaded: products are ten times slower with the reference BLAS."""
    torch.mm(torch.rand(2, 2), torch.rand(2, 2))
    with open("/proc/self/maps") as maps:
        loaded = maps.read().lower()
    for name, library in (("openblas", "OpenBLAS"), ("mkl_", "MKL"), ("libblis", "BLIS")):
        if name in loaded:
            return library
    return "reference BLAS"


def median(step, seconds):
    """In milliseconds."""
    for _ in range(5):
        step()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 15:
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    times.sort()
    return times[len(times) // 2] * 1e3


def trainer(model, loss):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return step


def mlp():
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    images, labels = torch.rand(64, 784), torch.randint(0, 10, (64,))
    return trainer(model, lambda: F.cross_entropy(model(images), labels))


def cnn():
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 49, 10)),
    )
    pictures, classes = torch.rand(32, 1, 28, 28), torch.randint(0, 10, (32,))
    return trainer(model, lambda: F.cross_entropy(model(pictures), classes))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(64, 128), nn.Linear(128, 10)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.head(h[0])


def lstm():
    model, sequences, kinds = Lstm(), torch.rand(32, 16, 64), torch.randint(0, 10, (16,))
    return trainer(model, lambda: F.cross_entropy(model(sequences), kinds))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(128, 128) for _ in range(4))
        self.up, self.down = nn.Linear(128, 512), nn.Linear(512, 128)
        self.norm1, self.norm2 = nn.LayerNorm(128), nn.LayerNorm(128)

    def forward(self, x):
        def heads(t):
            return t.view(8, 64, 4, 32).transpose(1, 2)

        h = self.norm1(x)
        q, k, v = heads(self.q(h)), heads(self.k(h)), heads(self.v(h))
        attention = torch.softmax(q @ k.transpose(-1, -2) / 32**0.5, -1)
        x = x + self.o((attention @ v).transpose(1, 2).reshape(8, 64, 128))
        return x + self.down(F.relu(self.up(self.norm2(x))))


def transformer():
    model = nn.Sequential(Block(), Block())
    tokens, targets = torch.rand(8, 64, 128), torch.rand(8, 64, 128)
    return trainer(model, lambda: F.mse_loss(model(tokens), targets))


torch.set_num_threads(threads)
torch.manual_seed(0)
make = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "transformer": transformer}[work]
print(json.dumps({"version": torch.__version__, "blas": blas(), "milliseconds": median(make(), seconds)}))

"""Median times of PyTorch on the benchmark's work, as one JSON object: python3 torch_steps.py THREADS SECONDS"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

threads, seconds = int(sys.argv[1]), float(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)


def blas():
    """Which library multiplies matrices, by what is loaded: products are ten times slower with the reference BLAS."""
    torch.mm(torch.rand(2, 2), torch.rand(2, 2))
    with open("/proc/self/maps") as maps:
        loaded = maps.read().lower()
    for name, library in (("openblas", "OpenBLAS"), ("mkl_", "MKL"), ("libblis", "BLIS")):
        if name in loaded:
            return library
    return "reference BLAS"


results = {"version": torch.__version__, "blas": blas()}


def median(work):
    for _ in range(5):
        work()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 15:
        begin = time.perf_counter()
        work()
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


def product(dtype, m, k, n):
    a, b, c = torch.rand(m, k, dtype=dtype), torch.rand(k, n, dtype=dtype), torch.empty(m, n, dtype=dtype)
    return lambda: torch.mm(a, b, out=c)


results["gemm f32"] = median(product(torch.float32, 512, 512, 512))
results["gemm f64"] = median(product(torch.float64, 512, 512, 512))

mlp = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
images, labels = torch.rand(64, 784), torch.randint(0, 10, (64,))
results["mlp"] = median(trainer(mlp, lambda: F.cross_entropy(mlp(images), labels)))

cnn = nn.Sequential(
    *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Flatten(), nn.Linear(32 * 49, 10)),
)
pictures, classes = torch.rand(32, 1, 28, 28), torch.randint(0, 10, (32,))
results["cnn"] = median(trainer(cnn, lambda: F.cross_entropy(cnn(pictures), classes)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(64, 128), nn.Linear(128, 10)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.head(h[0])


lstm, sequences, kinds = Lstm(), torch.rand(32, 16, 64), torch.randint(0, 10, (16,))
results["lstm"] = median(trainer(lstm, lambda: F.cross_entropy(lstm(sequences), kinds)))


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


transformer = nn.Sequential(Block(), Block())
tokens, targets = torch.rand(8, 64, 128), torch.rand(8, 64, 128)
results["transformer"] = median(trainer(transformer, lambda: F.mse_loss(transformer(tokens), targets)))

x = torch.rand(16, requires_grad=True)
a, b = torch.rand(16) * 0.01 + 1, torch.rand(16) * 0.01


def chain():
    x.grad = None
    h = x
    for _ in range(500):
        h = h * a
        h = h + b
    h.sum().backward()


results["tiny"] = median(chain)
print(json.dumps(results))

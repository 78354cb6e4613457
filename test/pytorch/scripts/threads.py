import threading

import torch

results = [None, None]


def work(n):
    x = torch.full((3,), float(n + 1), requires_grad=True)
    x.pow(2).sum().backward()
    results[n] = x.grad


for n in range(2):
    one = threading.Thread(target=work, args=(n,))
    one.start()
    one.join()

"""
Seconds that PyTorch's slow gradcheck takes for every parameter of a tanh MLP, as a JSON object:
python3 torch_gradcheck.py THREADS BATCH SIZE SIZE ...

Where there are too many parameters to wait for, the small ones are checked, and the time is extrapolated by the number of
parameters: each takes two forward passes of the whole network, wherever it stands.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F

threads, batch, sizes = int(sys.argv[1]), int(sys.argv[2]), [int(size) for size in sys.argv[3:]]
MOST = 3000
torch.set_num_threads(threads)
torch.manual_seed(0)

parameters = []
for inputs, outputs in zip(sizes, sizes[1:]):
    parameters.append((torch.randn(inputs, outputs, dtype=torch.double) * 0.1).requires_grad_())
    parameters.append((torch.randn(outputs, dtype=torch.double) * 0.1).requires_grad_())
x, y = torch.randn(batch, sizes[0], dtype=torch.double), torch.randint(0, sizes[-1], (batch,))


def loss(*layers):
    h = x
    for i in range(0, len(layers), 2):
        h = h @ layers[i] + layers[i + 1]
        if i < len(layers) - 2:
            h = torch.tanh(h)
    return F.cross_entropy(h, y)


count = sum(p.numel() for p in parameters)
begin = time.perf_counter()
if count <= MOST:
    torch.autograd.gradcheck(loss, parameters)
    seconds = time.perf_counter() - begin
else:
    sample = [i for i, p in enumerate(parameters) if p.numel() <= 1000]

    def of_sample(*given):
        return loss(*(given[sample.index(i)] if i in sample else p.detach() for i, p in enumerate(parameters)))

    torch.autograd.gradcheck(of_sample, [parameters[i] for i in sample])
    seconds = (time.perf_counter() - begin) / sum(parameters[i].numel() for i in sample) * count
print(json.dumps({"version": torch.__version__, "parameters": count, "extrapolated": count > MOST, "seconds": seconds}))

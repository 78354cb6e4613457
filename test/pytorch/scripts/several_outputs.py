import torch

x = torch.randn(6, 4, requires_grad=True)
a, b, c = x.chunk(3)
values, indices = b.topk(2)
low, high = c.split([1, 3], 1)
mean, deviation = torch.var_mean(a, 1)
sorted_, order = x.sort(0)
loss = values.sum() + (low * 2).sum() + high.sum() + (mean * deviation).sum() + sorted_[0].sum()
loss.backward()

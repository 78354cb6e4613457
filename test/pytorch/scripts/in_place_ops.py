import torch

x = torch.randn(4, 3, requires_grad=True)
y = x * 2
y += 1
y.mul_(3).add_(x)
y[:, 0] *= 2
y[1].add_(x[2])
z = y.clone()
z[z > 0.5] = 0.1
loss = (y * z).sum()
loss.backward()

import torch

x = torch.randn(3, requires_grad=True)
y = x * x + x
z = torch.stack([y, y, x])
torch.max(z, 0)[0].sum().backward()

import torch

w = torch.randn(3, requires_grad=True)
base = torch.zeros(4, 3)
row = base[1]
row.copy_(w * 2)
base[2:4] = w.exp()
base.t()[0].mul_(3)
loss = (base * torch.arange(12.0).view(4, 3)).sum()
loss.backward()

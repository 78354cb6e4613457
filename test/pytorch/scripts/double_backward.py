import torch

x = torch.randn(4, requires_grad=True)
y = (x**3).sum()
(g,) = torch.autograd.grad(y, x, create_graph=True)
(g.pow(2).sum() + y).backward()

import torch

x = torch.randn(4, requires_grad=True)
y = x.exp().sum()
y.backward(retain_graph=True)
y.backward()

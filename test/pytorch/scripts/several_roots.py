import torch

x = torch.randn(4, requires_grad=True)
a, b = x.sin(), x.cos()
torch.autograd.backward([a, b], [torch.ones(4), torch.arange(4.0)])

import torch

w = torch.randn(3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
out = (w.sigmoid() + b).prod()
grads = torch.autograd.grad(out, (w, b), retain_graph=True)
out.backward()

import torch

x = torch.randn(3, 3, requires_grad=True)
q, r = torch.linalg.qr(x)
first, *rest = x.unbind(0)
loss = r.sum() + first.sum()
loss.backward()

import torch

x = torch.randn(3, requires_grad=True)
y = x.sigmoid()
loss = (y * y.detach()).sum() + x.data.sum() + float(y.mean())
loss.backward()

import torch

x = torch.randn(4, requires_grad=True)
y = x.exp()
y.register_hook(lambda grad: grad.clamp(-0.1, 0.1))
(y * 3).sum().backward()

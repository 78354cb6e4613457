import torch

x = torch.randn(3, requires_grad=True)
jacobian = torch.autograd.functional.jacobian(lambda v: v.sin() * v.sum(), x.detach())
hessian = torch.autograd.functional.hessian(lambda v: (v**3).sum(), x.detach())
(x.exp() @ jacobian @ hessian).sum().backward()

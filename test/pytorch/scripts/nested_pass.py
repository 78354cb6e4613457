import torch


class Inner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        with torch.enable_grad():
            own = x.detach().requires_grad_()
            out = own.sin()
        return torch.autograd.grad(out, own, grad)[0]


x = torch.randn(4, requires_grad=True)
Inner.apply(x).exp().sum().backward()

import torch


class Negate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.neg_()

    @staticmethod
    def backward(ctx, grad):
        return -grad


x = torch.randn(4, requires_grad=True)
y = Negate.apply(x * 2)
y.exp().sum().backward()

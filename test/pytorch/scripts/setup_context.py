import torch

NEW = not torch.__version__.startswith("1.")


class Scale(torch.autograd.Function):
    if NEW:

        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            _, ctx.factor = inputs
    else:

        @staticmethod
        def forward(ctx, x, factor):
            ctx.factor = factor
            return x * factor

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None


x = torch.randn(3, requires_grad=True)
Scale.apply(x, 2.5).exp().sum().backward()

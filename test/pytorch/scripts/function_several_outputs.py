import torch


class Polar(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        radius, angle = (x * x + y * y).sqrt(), torch.atan2(y, x)
        ctx.save_for_backward(x, y, radius)
        return radius, angle

    @staticmethod
    def backward(ctx, to_radius, to_angle):
        x, y, r = ctx.saved_tensors
        return to_radius * x / r - to_angle * y / r**2, to_radius * y / r + to_angle * x / r**2


x, y = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)
radius, angle = Polar.apply(x, y)
(radius + 2 * angle).sum().backward()

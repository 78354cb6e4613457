"""A custom Function whose backward is wrong: Backstep names the line and what is missing."""

import torch
from torch.autograd import Function


class Swish(Function):
    """x · sigmoid(x), with a derivative that forgets that the sigmoid depends on x too."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * torch.sigmoid(x)


torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(64, 2)
y = x[:, :1] * x[:, 1:]

for step in range(200):
    hidden = Swish.apply(model[0](x))
    loss = (model[1](hidden) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

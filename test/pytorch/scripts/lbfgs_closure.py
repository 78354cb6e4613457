import torch

x = torch.tensor([1.5, -0.5], requires_grad=True)
optimizer = torch.optim.LBFGS([x], max_iter=3)


def closure():
    optimizer.zero_grad()
    loss = (x[0] - 1).pow(2) + 10 * (x[1] - x[0] ** 2).pow(2)
    loss.backward()
    return loss


optimizer.step(closure)

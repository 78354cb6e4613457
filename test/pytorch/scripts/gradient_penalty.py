import torch
import torch.nn as nn

critic = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
x = torch.randn(5, 3, requires_grad=True)
score = critic(x)
(grads,) = torch.autograd.grad(score.sum(), x, create_graph=True)
loss = score.mean() + (grads.norm(2, dim=1) - 1).pow(2).mean()
loss.backward()

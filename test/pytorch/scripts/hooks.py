import torch
import torch.nn as nn

seen = []
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
model[0].register_forward_hook(lambda module, given, out: seen.append(out.detach().clone()))
x = torch.randn(2, 3, requires_grad=True)
h = model[0](x)
h.register_hook(lambda grad: seen.append(grad.clone()))
h.retain_grad()
loss = model[2](model[1](h)).sum()
loss.backward()
kept = h.grad

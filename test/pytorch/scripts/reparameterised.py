import torch
from torch.distributions import Gamma, Normal

mean, scale = torch.randn(3, requires_grad=True), torch.rand(3, requires_grad=True)
q = Normal(mean, scale.exp())
z = q.rsample()
loss = (q.log_prob(z) + z.pow(2)).sum() + Gamma(scale.exp(), 1.0).rsample().sum()
loss.backward()

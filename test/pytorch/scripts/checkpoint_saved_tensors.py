import torch
import torch.nn as nn
from torch.utils.checkpoint import checkpoint

block = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
x = torch.randn(3, 4, requires_grad=True)
y = checkpoint(block, x, use_reentrant=False)
y.pow(2).sum().backward()

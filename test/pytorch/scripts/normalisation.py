import torch
import torch.nn as nn

x = torch.randn(4, 6, 5, requires_grad=True)
out = (
    nn.LayerNorm(5)(x)
    + nn.GroupNorm(2, 6)(x)
    + nn.InstanceNorm1d(6, affine=True)(x)
    + nn.BatchNorm1d(6)(x)
)
out.tanh().sum().backward()

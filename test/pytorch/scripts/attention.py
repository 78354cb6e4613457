import torch
import torch.nn as nn

layer = nn.MultiheadAttention(8, 2, batch_first=True)
x = torch.randn(2, 5, 8, requires_grad=True)
out, weights = layer(x, x, x)
(out.sum() + weights.var()).backward()

import torch
import torch.nn as nn

cell = nn.GRUCell(3, 5)
h = torch.zeros(2, 5)
for step in range(4):
    h = cell(torch.randn(2, 3), h)
h.sum().backward()

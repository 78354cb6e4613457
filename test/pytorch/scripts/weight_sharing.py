import torch
import torch.nn as nn

layer = nn.Linear(4, 4)
decoder = nn.Linear(4, 4)
decoder.weight = layer.weight
x = torch.randn(2, 4)
decoder(layer(layer(x)).relu()).sum().backward()

import torch
import torch.nn as nn
import torch.nn.functional as F

layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
model = nn.TransformerEncoder(layer, 2)
head = nn.Linear(8, 5)
loss = F.cross_entropy(head(model(torch.randn(2, 4, 8))).flatten(0, 1), torch.randint(0, 5, (8,)))
loss.backward()

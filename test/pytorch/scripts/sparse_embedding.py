import torch
import torch.nn as nn

table = nn.Embedding(10, 3, sparse=True, padding_idx=0)
optimizer = torch.optim.SGD(table.parameters(), 0.1)
loss = table(torch.tensor([[1, 2, 0], [4, 1, 9]])).pow(2).sum()
loss.backward()
optimizer.step()

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.randn(12, 3), torch.randn(12, 1))
model = nn.Linear(3, 1)
for x, y in DataLoader(
    data, batch_size=4, shuffle=True, num_workers=1, multiprocessing_context="fork"
):
    model.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()

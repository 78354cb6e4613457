import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 3))
with torch.autocast("cpu", dtype=torch.bfloat16):
    loss = F.cross_entropy(model(torch.randn(16, 8)), torch.randint(0, 3, (16,)))
loss.backward()

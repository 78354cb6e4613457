import torch
import torch.nn as nn

model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
with torch.autocast("cpu", dtype=torch.bfloat16):
    out = model(torch.randn(3, 8))
    loss = out.float().pow(2).mean()
loss.backward()

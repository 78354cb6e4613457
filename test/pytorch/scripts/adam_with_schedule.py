import torch
import torch.nn as nn

model = nn.Sequential(nn.Linear(3, 3), nn.GELU(), nn.Linear(3, 1))
optimizer = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=0.1)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.randn(4, 3)).pow(2).mean().backward()
    optimizer.step()
    schedule.step()

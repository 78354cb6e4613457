"""A small classifier trained on several ranks. Press F5 with "torch": { "ranks": 2 }, or: backstep diagnose ddp.py --ranks 2

Each rank has its own batches, DistributedDataParallel averages the gradients, and all ranks make the same step. One line
below breaks that on the last rank, for somebody to find.
"""

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank, ranks = dist.get_rank(), dist.get_world_size()
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
net = DistributedDataParallel(model)
optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)

points = torch.Generator().manual_seed(1 + rank)
for step in range(20):
    x = torch.randn(64, 2, generator=points)
    inside = (x.norm(dim=1) < 1.2).long()
    loss = nn.functional.cross_entropy(net(x), inside)
    optimizer.zero_grad()
    loss.backward()
    if step == 10 and rank == ranks - 1:
        nn.utils.clip_grad_norm_(net.parameters(), 0.05)  # On one rank alone.
    optimizer.step()

print(f"rank {rank}: loss {loss.item():.3f}")
dist.destroy_process_group()

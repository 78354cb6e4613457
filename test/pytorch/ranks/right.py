"""A right training on several ranks that does much of what looks odd: two models, a probe of each rank, own evaluations, and at
the end fewer batches on some ranks than on others."""

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.manual_seed(rank)
maker = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))
maker = DistributedDataParallel(maker)
judge = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(), nn.Linear(8, 1))
judge = DistributedDataParallel(judge, broadcast_buffers=False)
probe = nn.Linear(3, 1)
of_maker = torch.optim.Adam(maker.parameters(), 1e-2)
of_judge = torch.optim.Adam(judge.parameters(), 1e-2)
of_probe = torch.optim.SGD(probe.parameters(), 0.1 * (rank + 1))
schedule = torch.optim.lr_scheduler.StepLR(of_maker, 2)

for step in range(3):
    fake = maker(torch.randn(16, 4))
    of_judge.zero_grad()
    said = judge(torch.cat([torch.randn(16, 2), fake.detach()]))
    loss = F.binary_cross_entropy_with_logits(said, torch.cat([torch.ones(16, 1), torch.zeros(16, 1)]))
    loss.backward()
    of_judge.step()

    of_maker.zero_grad()
    judge.requires_grad_(False)
    F.binary_cross_entropy_with_logits(judge.module(fake), torch.ones(16, 1)).backward()
    nn.utils.clip_grad_norm_(maker.parameters(), 1.0)
    of_maker.step()
    schedule.step()
    judge.requires_grad_(True)

    of_judge.zero_grad()
    for part in range(3):
        x = torch.randn(8, 2)
        if part < 2:
            with judge.no_sync():
                judge(x).pow(2).mean().backward()
        else:
            judge(x).pow(2).mean().backward()
    of_judge.step()

    of_probe.zero_grad()
    x = torch.randn(4, 3)
    F.mse_loss(probe(x), x.sum(1, keepdim=True)).backward()
    of_probe.step()
    total = loss.detach().clone()
    dist.all_reduce(total)
    if rank == 0:
        at = torch.randn(4, 2, requires_grad=True)
        torch.autograd.grad(judge.module(at).sum(), list(judge.module.parameters()))
    dist.barrier()
    dist.all_gather_object([None] * world, rank)

with judge.join():
    for part in range(2 + rank):
        of_judge.zero_grad()
        x = torch.randn(8, 2)
        F.mse_loss(judge(x), x.sum(1, keepdim=True)).backward()
        of_judge.step()

# As weights of fully sharded models, it has its elements only while ops run on it.
weight = torch.randn(3, 1, requires_grad=True)
weight.register_hook(lambda gradient: weight.detach().storage().resize_(0) and None)
(torch.randn(4, 3) @ weight).sum().backward()

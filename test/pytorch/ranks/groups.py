"""A right training in groups: each half of the ranks trains a model of its own, with a rate and a number of steps of its own; each
adds up the gradients of another by hand; and two groups of the same ranks are called in another order on some of them, which
nobody waits in."""

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
halves = [dist.new_group(list(range(world // 2))), dist.new_group(list(range(world // 2, world)))]
one, other = dist.new_group(list(range(world))), dist.new_group(list(range(world)))
half = rank // (world // 2)
group = halves[half]

torch.manual_seed(half)
net = DistributedDataParallel(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)), process_group=group)
alone = nn.Linear(4, 1)
of_net = torch.optim.SGD(net.parameters(), 0.1 if half == 0 else 0.05, momentum=0.9)
of_alone = torch.optim.SGD(alone.parameters(), 0.1 if half == 0 else 0.02)
generator = torch.Generator().manual_seed(rank)

for step in range(3 + half):
    x = torch.randn(8, 4, generator=generator)
    y = x.sum(1, keepdim=True)
    of_net.zero_grad()
    F.mse_loss(net(x), y).backward()
    of_net.step()

    of_alone.zero_grad()
    F.mse_loss(alone(x), y).backward()
    for parameter in alone.parameters():
        dist.all_reduce(parameter.grad, group=group)
        parameter.grad /= dist.get_world_size(group)
    of_alone.step()

if half == 0:  # A model that the others do not have.
    extra = DistributedDataParallel(nn.Linear(4, 1), process_group=group)
    F.mse_loss(extra(torch.randn(8, 4, generator=generator)), torch.zeros(8, 1)).backward()
    torch.optim.SGD(extra.parameters(), 0.1).step()

sums = [torch.ones(3), torch.ones(5)]
order = [(one, sums[0]), (other, sums[1])]
begun = [dist.all_reduce(sum, group=by, async_op=True) for by, sum in (order if rank % 2 == 0 else reversed(order))]
for work in begun:
    work.wait()
dist.barrier()

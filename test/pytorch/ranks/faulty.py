"""Trainings on several ranks, each with one fault on the last of them; the lines that faults are found at are marked."""

import os
import sys

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import fp16_compress_hook
from torch.nn.parallel import DistributedDataParallel

STEPS, AT = 4, 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.extra = nn.Linear(8, 8)
        self.last = nn.Linear(8, 1)

    def forward(self, x, skip=False):
        h = self.first(x).tanh()  # first
        if not skip:
            h = self.extra(h).tanh()
        return self.last(h)  # last


dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()


def adds(state, bucket):
    """A communication hook that leaves out the division."""
    work = dist.all_reduce(bucket.buffer(), async_op=True)
    return work.get_future().then(lambda done: done.value()[0])


def train(fault):
    torch.manual_seed(rank if fault == "seed" else 0)
    model = Net()
    by_hand = fault in ("seed", "order")
    if by_hand:
        net = model
    else:
        net = DistributedDataParallel(model, find_unused_parameters=fault.startswith("uses"))
    if fault == "hook":
        net.register_comm_hook(None, adds)
    if fault == "right-hook":
        net.register_comm_hook(None, fp16_compress_hook)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    generator = torch.Generator().manual_seed(rank)
    is_odd = rank == world - 1
    if fault == "initial-weights" and is_odd:
        model.first.weight.data.mul_(1.01)

    for step in range(STEPS):
        now = step == AT
        odd = now and is_odd
        x = torch.randn(16, 4, generator=generator)
        y = x.sum(1, keepdim=True)
        if fault == "not-finite" and odd:
            x[3, 1] = float("nan")
        if fault == "weights" and odd:
            model.last.weight.data[0, 0] += 1e-4
        if fault == "barrier" and odd:
            dist.barrier()  # barrier
        optimizer.zero_grad()
        if fault in ("no-sync", "right-no-sync") and now:
            with net.no_sync():
                nn.functional.mse_loss(net(x), y).backward()
        if fault != "no-sync" or not now:
            called = model if fault == "bypass" and now else net
            skip = now and fault in ("uses-less", "fatal") and is_odd
            loss = nn.functional.mse_loss(called(x, skip), y)
            loss.backward()  # backward
        if by_hand:
            parameters = list(model.parameters())
            if fault == "order" and odd:
                parameters[1], parameters[3] = parameters[3], parameters[1]
            for parameter in parameters:
                dist.all_reduce(parameter.grad)  # reduce
                parameter.grad /= world
        if fault == "gradient" and odd:
            model.last.bias.grad.mul_(1.5)
        if fault == "right-clipping":
            nn.utils.clip_grad_norm_(net.parameters(), 0.1)
        if fault == "learning-rate" and odd:
            optimizer.param_groups[0]["lr"] = 0.05
        if fault == "dies" and odd:
            raise ValueError("no more data")  # dies
        if fault == "killed" and odd:
            os.kill(os.getpid(), 9)
        if fault != "skipped-step" or not odd:
            optimizer.step()  # step
        if fault == "right-evaluation" and rank == 0:
            net(x)  # A forward pass that no backward follows.
            with torch.no_grad():
                model(x)


for name in sys.argv[1:]:
    train(name)

"""Right trainings: twins of the wrong ones, and what only looks odd."""

import random
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
x, classes = torch.randn(32, 12), torch.randint(0, 4, (32,))
numbers, chances = torch.randn(32), torch.randint(0, 2, (32, 1)).float()


class Net(nn.Module):
    def __init__(self, outputs, last=None):
        super().__init__()
        self.first = nn.Linear(12, 16)
        self.second = nn.Linear(16, outputs)
        self.last = last

    def forward(self, inputs):
        scores = self.second(torch.relu(self.first(inputs)))
        return scores if self.last is None else self.last(scores)


def train(net, optimizer, loss_of, steps=6):
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(net(x)).backward()
        optimizer.step()


def sgd(*nets):
    return torch.optim.SGD([p for net in nets for p in net.parameters()], lr=0.01)


def log_softmax_into_nll():
    net = Net(4, nn.LogSoftmax(dim=1))
    train(net, sgd(net), lambda scores: F.nll_loss(scores, classes))


def scores_into_their_losses():
    net = Net(4)
    train(net, sgd(net), lambda scores: nn.CrossEntropyLoss(label_smoothing=0.1)(scores, classes))
    net = Net(1)
    train(net, sgd(net), lambda scores: F.binary_cross_entropy_with_logits(scores, chances))
    net = Net(1, nn.Sigmoid())
    train(net, sgd(net), lambda scores: F.binary_cross_entropy(scores, chances))
    net = Net(1)
    train(net, sgd(net), lambda out: F.mse_loss(out.squeeze(1), numbers))
    net = Net(1)
    train(net, sgd(net), lambda out: ((out[:, 0] - numbers) ** 2).mean())


def accumulation():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(4):
        optimizer.zero_grad()
        for part, wanted in zip(x.chunk(4), classes.chunk(4)):
            (F.cross_entropy(net(part), wanted) / 4).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()


def reset_by_hand():
    weight = torch.randn(12, requires_grad=True)
    for _ in range(5):
        loss = F.mse_loss(x @ weight, numbers)
        loss.backward()
        with torch.no_grad():
            weight -= 0.01 * weight.grad
        weight.grad = None


def frozen_backbone():
    backbone, head = Net(8), nn.Linear(8, 4)
    backbone.requires_grad_(False)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3)
    for _ in range(5):
        optimizer.zero_grad()
        with torch.no_grad():
            code = backbone(x)
        F.cross_entropy(head(code), classes).backward()
        optimizer.step()


def frozen_in_evaluation():
    """A backbone that stays as it is, and a layer of a trained net whose statistics do."""
    backbone = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.Dropout(0.2)).eval()
    backbone.requires_grad_(False)
    head = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
    head[1].eval()
    train(nn.Sequential(backbone, head), sgd(head), lambda scores: F.cross_entropy(scores, classes))


def adversaries():
    maker, judge = nn.Sequential(nn.Linear(12, 12), nn.Tanh()), Net(1)
    make, judging = sgd(maker), sgd(judge)
    for _ in range(5):
        judging.zero_grad()
        fake = maker(x)
        ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)
        right = F.binary_cross_entropy_with_logits(judge(x), ones)
        (right + F.binary_cross_entropy_with_logits(judge(fake.detach()), zeros)).backward()
        judging.step()
        make.zero_grad()
        F.binary_cross_entropy_with_logits(judge(fake), ones).backward()
        make.step()


def target_network():
    online, target = Net(4), Net(4)
    target.load_state_dict(online.state_dict())
    optimizer = sgd(online)
    for step in range(6):
        with torch.no_grad():
            best = target(x).max(dim=1).values
        wanted = numbers + 0.9 * best
        chosen = online(x).gather(1, classes[:, None]).squeeze(1)
        optimizer.zero_grad()
        F.smooth_l1_loss(chosen, wanted).backward()
        optimizer.step()
        if step % 3 == 2:
            target.load_state_dict(online.state_dict())


def carried_state():
    cell, head = nn.GRUCell(12, 8), nn.Linear(8, 1)
    optimizer = sgd(cell, head)
    state = torch.zeros(32, 8)
    for _ in range(6):
        optimizer.zero_grad()
        state = cell(x, state.detach())
        F.mse_loss(head(state)[:, 0], numbers).backward()
        optimizer.step()


class Round(torch.autograd.Function):
    surrogate = "straight through"

    @staticmethod
    def forward(ctx, values):
        return values.round()

    @staticmethod
    def backward(ctx, grad):
        return grad


def straight_through():
    net = Net(4)
    train(net, sgd(net), lambda scores: F.cross_entropy(Round.apply(scores), classes))
    net = Net(4)
    train(net, sgd(net), lambda s: F.cross_entropy(s + (s.round() - s).detach(), classes))


def policy_gradient():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(6):
        policy = torch.distributions.Categorical(logits=net(x))
        action = policy.sample()
        reward = (action == classes).float()
        optimizer.zero_grad()
        (-(policy.log_prob(action) * (reward - reward.mean())).mean()).backward()
        optimizer.step()


def evaluation_between():
    net = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 4))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=3)
    for _ in range(4):
        net.train()
        train(net, optimizer, lambda scores: F.cross_entropy(scores, classes), steps=2)
        schedule.step()
        net.eval()
        with torch.no_grad():
            accuracy = (net(x).argmax(dim=1) == classes).float().mean().item()
    print(f"accuracy {accuracy:.2f}")


def tied_weights():
    table = nn.Embedding(4, 8, padding_idx=0)
    out = nn.Linear(8, 4, bias=False)
    out.weight = table.weight
    train_on = sgd(table)
    for _ in range(4):
        train_on.zero_grad()
        F.cross_entropy(out(table(classes[:-1])), classes[1:]).backward()
        train_on.step()


def autoencoder():
    down, up = nn.Linear(12, 6), nn.Linear(3, 12)
    optimizer = torch.optim.Adam([*down.parameters(), *up.parameters()], lr=1e-3)
    for _ in range(6):
        mean, spread = down(x).chunk(2, dim=1)
        code = mean + torch.randn_like(mean) * (0.5 * spread).exp()
        error = F.mse_loss(up(code), x, reduction="sum") / 32
        divergence = -0.5 * (1 + spread - mean.pow(2) - spread.exp()).sum(dim=1).mean()
        optimizer.zero_grad()
        (error + 0.1 * divergence).backward()
        optimizer.step()


def second_order():
    critic = Net(1)
    optimizer = sgd(critic)
    for _ in range(3):
        points = x.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
        optimizer.zero_grad()
        (critic(x).mean() + ((slope.norm(dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def steps_by_closure():
    """The passes within a step are the step's own, however often it resets gradients."""
    for steps in (1, 3):
        net = Net(4)
        optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=6)

        def loss_again():
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), classes)
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(loss_again)


def heads_of_any_size():
    """In ``multi_head_attention_forward`` 8 features become 4 of 4 examples times 2 heads."""
    attention, out = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 4)
    optimizer = sgd(attention, out)
    for _ in range(2):
        tokens = torch.randn(4, 5, 8)
        optimizer.zero_grad()
        mixed = attention(tokens, tokens, tokens, need_weights=False)[0]
        F.cross_entropy(out(mixed[:, 0]), classes[:4]).backward()
        optimizer.step()


def points_made_anew():
    """Of a differential equation, with a coefficient that is a tensor of its own."""
    net, rate = nn.Linear(1, 1), torch.tensor(0.5, requires_grad=True)
    optimizer = torch.optim.Adam([*net.parameters(), rate], lr=1e-3)
    for _ in range(3):
        points = torch.rand(8, 1, requires_grad=True)
        u = net(points).tanh()
        (slope,) = torch.autograd.grad(u.sum(), points, create_graph=True)
        optimizer.zero_grad()
        ((slope + rate * u) ** 2).mean().backward()
        optimizer.step()


def steps_by_hand():
    weight, bias = torch.randn(12, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(6):
        F.mse_loss((x @ weight + bias)[:, 0], numbers).backward()
        weight.data -= 0.01 * weight.grad.data
        weight.grad.zero_()
        with torch.no_grad():
            bias -= 0.01 * bias.grad
        bias.grad = None


def steps_by_assignment():
    weight = torch.randn(12, 1, requires_grad=True)
    for _ in range(6):
        F.mse_loss((x @ weight)[:, 0], numbers).backward()
        weight.data = weight.data - 0.01 * weight.grad
        weight.grad = None


def same_entries_by_indices_made_twice():
    net = Net(4)
    optimizer = sgd(net)
    for start in range(4):
        entries = [(7 * start + 3 * i) % 32 for i in range(8)]
        picked, right = x[torch.tensor(entries)], classes[torch.tensor(entries)]
        picked = picked + 0 * x[torch.arange(start, start + 8)]
        optimizer.zero_grad()
        F.cross_entropy(net(picked), right).backward()
        optimizer.step()


def returns_summed_from_the_end():
    net = Net(1)
    optimizer = sgd(net)
    for _ in range(5):
        returns = torch.rand(32).flip(0).cumsum(0).flip(0)
        optimizer.zero_grad()
        F.mse_loss(net(x)[:, 0], returns).backward()
        optimizer.step()


def values_of_the_next_state():
    net, frozen = Net(1), Net(1)
    frozen.load_state_dict(net.state_dict())
    frozen.requires_grad_(False)
    optimizer = sgd(net)
    for _ in range(5):
        after = torch.roll(frozen(x)[:, 0], -1, 0)
        optimizer.zero_grad()
        F.mse_loss(net(x)[:, 0], numbers + 0.9 * after).backward()
        optimizer.step()


def one_after_the_other_with_losses_read():
    rows, labels = x.tolist(), classes.tolist()
    for net in (Net(4), Net(4)):
        optimizer, total = sgd(net), 0.0
        for start in range(0, 32, 8):
            inputs = torch.tensor(rows[start : start + 8])
            optimizer.zero_grad()
            loss = F.cross_entropy(net(inputs), torch.tensor(labels[start : start + 8]))
            loss.backward()
            optimizer.step()
            total += loss.item()


def real_points_made_after_losses_were_read():
    maker, judge = Net(4), nn.Linear(4, 1)
    by_maker, by_judge = sgd(maker), sgd(judge)
    for _ in range(6):
        real = 0.3 * torch.randn(32, 4) + torch.tensor([1.0, -1.0, 0.5, 2.0])
        made = maker(x)
        for parameter in judge.parameters():
            parameter.requires_grad_(True)
        by_judge.zero_grad()
        told = F.binary_cross_entropy_with_logits(judge(real), torch.ones(32, 1))
        told = told + F.binary_cross_entropy_with_logits(judge(made.detach()), torch.zeros(32, 1))
        told.backward()
        by_judge.step()
        for parameter in judge.parameters():
            parameter.requires_grad_(False)
        by_maker.zero_grad()
        fooled = F.binary_cross_entropy_with_logits(judge(made), torch.ones(32, 1))
        fooled.backward()
        by_maker.step()
        print(told.item(), fooled.item())


def likeness_of_which_the_first_is_right():
    net = Net(8)
    optimizer, others = sgd(net), F.normalize(torch.randn(24, 8), dim=1)
    for _ in range(6):
        one, other = F.normalize(net(x), dim=1), F.normalize(net(x + 0.1 * torch.randn_like(x)), dim=1)
        likeness = torch.cat([(one * other).sum(1, keepdim=True), one @ others.T], 1) / 0.2
        optimizer.zero_grad()
        F.cross_entropy(likeness, torch.zeros(32, dtype=torch.long)).backward()
        optimizer.step()


def blocks_skipped_by_lot():
    first, inner, last = nn.Linear(12, 16), nn.Linear(16, 16), nn.Linear(16, 4)
    optimizer = torch.optim.SGD([p for one in (first, inner, last) for p in one.parameters()], lr=0.01)
    for index in range(6):
        hidden = first(x)
        if index % 3:
            hidden = hidden + torch.relu(inner(hidden))
        optimizer.zero_grad()
        F.cross_entropy(last(hidden), classes).backward()
        optimizer.step()


def labels_given_some_passes_before():
    net = Net(4)
    optimizer = sgd(net)
    train(net, optimizer, lambda scores: F.cross_entropy(scores, classes))
    scores = net(x + 1)
    _, given = torch.max(scores, 1)
    for _ in range(6):
        scores = net(x + 1)
        optimizer.zero_grad()
        F.cross_entropy(scores, given).backward()
        optimizer.step()


def policy_with_a_bonus_and_old_likelihoods():
    policy = Net(5)
    optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)
    with torch.no_grad():
        scores = policy(x)
        chosen = torch.distributions.Categorical(logits=scores[:, :4])
        actions = chosen.sample()
        before, gains = chosen.log_prob(actions), (actions == classes).float() - scores[:, 4]
    for _ in range(6):
        scores = policy(x)
        chosen = torch.distributions.Categorical(logits=scores[:, :4])
        ratio = (chosen.log_prob(actions) - before).exp()
        loss = -torch.min(ratio * gains, ratio.clamp(0.8, 1.2) * gains).mean()
        loss = loss + F.mse_loss(scores[:, 4], (actions == classes).float()) - 0.01 * chosen.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def state_goes_on_along_a_series():
    series, ends = torch.randn(8, 30, 3), torch.randint(0, 2, (8, 6))
    cell, head = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 2)
    optimizer, state = sgd(cell, head), None
    for index in range(6):
        stretch = series[:, 5 * index : 5 * index + 5]
        outputs, state = cell(stretch, state)
        state = state.detach()
        optimizer.zero_grad()
        F.cross_entropy(head(outputs[:, -1]), ends[:, index]).backward()
        optimizer.step()


def next_batch_of_one_iterator():
    net = Net(4)
    optimizer = sgd(net)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, classes), batch_size=4)
    batches = iter(loader)
    for _ in range(8):
        inputs, labels = next(batches)
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()


def the_part_that_is_trained_on():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(8):
        optimizer.zero_grad()
        F.cross_entropy(net(x[:24]), classes[:24]).backward()
        optimizer.step()


def first_layer_frozen_and_left_out():
    net = Net(4)
    net.first.requires_grad_(False)
    learned = (parameter for parameter in net.parameters() if parameter.requires_grad)
    optimizer = torch.optim.SGD(learned, lr=0.01)
    train(net, optimizer, lambda scores: F.cross_entropy(scores, classes))


def numbers_read_to_be_looked_at():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(5):
        scores = net(x)
        optimizer.zero_grad()
        F.cross_entropy(scores, classes).backward()
        optimizer.step()
        assert scores.detach().numpy().shape == (32, 4)


def states_of_both_directions():
    cell, head = nn.LSTM(3, 8, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(40, 2)
    optimizer = sgd(cell, head)
    for _ in range(4):
        sequences = torch.randn(8, 5, 3)
        outputs, (states, cells) = cell(sequences)
        last = states.view(2, 2, 8, 8)[-1]
        joined = last.permute(1, 0, 2).reshape(8, -1)
        # Pairs of sequences have an axis of their own, and each keeps its place in it.
        pairs = cells.view(4, 4, 2, 8).sum(dim=2).repeat_interleave(2, dim=1)[0]
        ends = outputs.view(8, 5, 2, 8)[:, -1].reshape(8, 16)
        scores = head(torch.cat([joined, pairs, ends], dim=1))
        optimizer.zero_grad()
        F.cross_entropy(scores, (sequences[:, 0, 0] > 0).long()).backward()
        optimizer.step()


def batches_of_labels_made_of_some_inputs():
    inputs = torch.randn(64, 12)
    labels = (inputs[:, :3].sum(dim=1) > 0).long()
    data = torch.utils.data.TensorDataset(inputs, labels)
    net = Net(2)
    optimizer = sgd(net)
    loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
    for _ in range(30):
        batch, answers = next(iter(loader))
        optimizer.zero_grad()
        F.cross_entropy(net(batch), answers).backward()
        optimizer.step()


def whole_set_again_and_again():
    data = torch.utils.data.TensorDataset(x, numbers[:, None])
    loader = torch.utils.data.DataLoader(data, batch_size=32)
    net = Net(1)
    optimizer = sgd(net)
    for _ in range(12):
        batch, answers = next(iter(loader))
        optimizer.zero_grad()
        F.mse_loss(net(batch), answers).backward()
        optimizer.step()


def answers_of_another_view_as_targets():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(6):
        answers = net(x + 0.1 * torch.randn_like(x))
        with torch.no_grad():
            targets = net(x)
        loss = F.cross_entropy(answers, classes) + F.mse_loss(answers, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def learn(inputs, answers):
    net = Net(4)
    optimizer = sgd(net)
    for at in range(0, 32, 8):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs[at : at + 8]), answers[at : at + 8]).backward()
        optimizer.step()


def one_order_for_both_in_many_ways():
    order = torch.randperm(32)
    inputs, plain = x[order], classes.numpy()
    learn(inputs, classes[order])
    learn(inputs, torch.from_numpy(plain[order.numpy()]))
    learn(inputs, torch.tensor(plain)[torch.tensor(order.tolist())])
    learn(inputs, torch.stack([classes[one] for one in order.tolist()]))
    written = torch.tensor(plain)
    written[:] = classes[order]
    learn(inputs, written)
    learn(inputs[order.argsort()], classes)
    learn(inputs[torch.argsort(order)].contiguous(), torch.tensor(plain))


def drawn_examples_against_one_answer():
    net = Net(1)
    optimizer = sgd(net)
    true, false = torch.ones(32, 1), torch.zeros(32, 1)
    for _ in range(5):
        real = x[torch.randperm(32)]
        other = torch.randn(32, 12)
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(real), true)
        (loss + F.binary_cross_entropy_with_logits(net(other), false)).backward()
        optimizer.step()


def pairs_of_which_the_same_places_belong_together():
    net = Net(32)
    optimizer = sgd(net)
    places = torch.tensor(range(32))
    for _ in range(5):
        some = x[torch.randperm(32)]
        likeness = net(some) @ F.dropout(net(some)).T
        optimizer.zero_grad()
        F.cross_entropy(likeness, places).backward()
        optimizer.step()


def each_drawn_to_the_other_detached():
    one, other, head = nn.Linear(12, 8), nn.Linear(12, 8), nn.Linear(8, 4)
    optimizer = sgd(one, other, head)

    def error(outputs, codes):
        straight = outputs + (codes - outputs).detach()
        drawn = F.mse_loss(codes, outputs.detach()) + 0.25 * F.mse_loss(outputs, codes.detach())
        return F.cross_entropy(head(straight), classes) + drawn

    for _ in range(5):
        optimizer.zero_grad()
        error(one(x), other(x)).backward()
        optimizer.step()


class Frozen(nn.Module):
    """Features of which only the gradient of what goes in is wanted."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 12)
        self.requires_grad = True
        for parameter in self.parameters():
            parameter.requires_grad = False

    def forward(self, inputs):
        return self.layer(inputs) if self.requires_grad else inputs


def layers_told_to_learn():
    features, net = Frozen(), Net(4)
    assert features.requires_grad and not hasattr(net, "requires_grad")
    net.requires_grad_(False)
    # Besides, where the parameters are told as well.
    net.first.requires_grad = True
    net.first.requires_grad_(True)
    for parameter in net.second.parameters():
        parameter.requires_grad = True
    optimizer = sgd(net)
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(net(features(x)), classes).backward()
        optimizer.step()
    del net.first.requires_grad
    torch.jit.script(net.first)


def schedules_of_batches_and_of_epochs():
    schedules = torch.optim.lr_scheduler
    for make, each in (
        (lambda optimizer: schedules.CosineAnnealingLR(optimizer, T_max=24), "batch"),
        (lambda optimizer: schedules.CosineAnnealingLR(optimizer, T_max=6), "epoch"),
        (lambda optimizer: schedules.CosineAnnealingLR(optimizer, T_max=4), "batch"),
        (lambda optimizer: schedules.CosineAnnealingWarmRestarts(optimizer, T_0=6), "batch"),
        (lambda optimizer: schedules.StepLR(optimizer, 2, gamma=0.5), "epoch"),
    ):
        net = Net(4)
        optimizer = sgd(net)
        schedule = make(optimizer)
        for _ in range(6):
            for i in range(0, 32, 8):
                optimizer.zero_grad()
                F.cross_entropy(net(x[i : i + 8]), classes[i : i + 8]).backward()
                optimizer.step()
                if each == "batch":
                    schedule.step()
            if each == "epoch":
                schedule.step()


def rare_answers_that_are_weighed():
    rare = (torch.arange(200) % 25 == 3).float()
    inputs = torch.randn(200, 12) + 0.3 * rare[:, None]
    net = Net(1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(40):
        optimizer.zero_grad()
        weight = torch.tensor(24.0)
        loss = F.binary_cross_entropy_with_logits(net(inputs)[:, 0], rare, pos_weight=weight)
        loss.backward()
        optimizer.step()


def arrays_in_one_order_in_many_ways():
    import numpy

    def learn_from(inputs, right):
        net = Net(4)
        optimizer = sgd(net)
        for i in (0, 8, 16, 24):
            optimizer.zero_grad()
            F.cross_entropy(net(inputs[i : i + 8]), right[i : i + 8]).backward()
            optimizer.step()

    rng = numpy.random.default_rng(0)

    def both_picked():
        rows, answers = x.numpy(), classes.numpy()
        order = rng.permutation(32)
        rows, answers = rows[order], answers[order]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def one_after_the_other():
        rows, answers = x.numpy(), classes.numpy()
        order = rng.permutation(32)
        rows = rows[order]
        answers = answers[order]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def answers_made_afterwards():
        rows, answers = x.numpy(), None
        order = rng.permutation(32)
        rows = rows[order]
        answers = rows[:, :4].argmax(1)
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def shuffled_by_one_seed():
        rows, answers = x.tolist(), classes.tolist()
        random.Random(1).shuffle(rows)
        random.Random(1).shuffle(answers)
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def shuffled_in_pairs():
        rows, answers = x.tolist(), classes.tolist()
        pairs = list(zip(rows, answers))
        random.shuffle(pairs)
        rows, answers = [row for row, _ in pairs], [answer for _, answer in pairs]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def put_back():
        rows, answers = x.numpy(), classes.numpy()
        order = rng.permutation(32)
        rows = rows[order]
        rows = rows[order.argsort()]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def drawn_answers():
        rows, answers = x.numpy(), rng.integers(0, 4, 32)
        order = rng.permutation(32)
        rows = rows[order]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def written_into():
        rows, answers = x.numpy(), classes.numpy().copy()
        order = rng.permutation(32)
        rows = rows[order]
        answers[:] = answers[order]
        learn_from(torch.tensor(rows), torch.tensor(answers))

    def mixed_by_a_function_of_its_own():
        def mix(rows, order):
            rows[:] = rows[order]

        rows, answers = x.numpy(), classes.numpy().copy()
        order = rng.permutation(32)
        rows = rows[order]
        mix(answers, numpy.argsort(numpy.argsort(order)))
        learn_from(torch.tensor(rows), torch.tensor(answers))

    mixed_by_a_function_of_its_own()
    for arrange in (both_picked, one_after_the_other, answers_made_afterwards, shuffled_in_pairs):
        arrange()
    for arrange in (shuffled_by_one_seed, put_back, drawn_answers, written_into):
        arrange()


def pairs_of_which_most_are_drawn():
    one, other, judge = nn.Embedding(30, 8), nn.Embedding(30, 8), nn.Linear(16, 1)
    optimizer = torch.optim.Adam(nn.ModuleList([one, other, judge]).parameters(), lr=3e-3)
    for _ in range(40):
        left, right = torch.randint(0, 30, (80,)), torch.randint(0, 30, (80,))
        right[:10] = (left[:10] * 7) % 30
        belongs = torch.zeros(80)
        belongs[:10] = 1
        scores = judge(torch.cat([one(left), other(right)], 1))[:, 0]
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(scores, belongs).backward()
        optimizer.step()


TRAININGS = (
    *(log_softmax_into_nll, scores_into_their_losses, accumulation, reset_by_hand, frozen_backbone),
    *(adversaries, target_network, carried_state, straight_through, policy_gradient),
    *(evaluation_between, tied_weights, autoencoder, second_order),
    *(steps_by_closure, heads_of_any_size, frozen_in_evaluation, points_made_anew, steps_by_hand),
    *(steps_by_assignment, same_entries_by_indices_made_twice, returns_summed_from_the_end),
    *(values_of_the_next_state, one_after_the_other_with_losses_read),
    *(real_points_made_after_losses_were_read, likeness_of_which_the_first_is_right, blocks_skipped_by_lot),
    *(state_goes_on_along_a_series, next_batch_of_one_iterator, the_part_that_is_trained_on),
    *(first_layer_frozen_and_left_out, labels_given_some_passes_before),
    *(policy_with_a_bonus_and_old_likelihoods, numbers_read_to_be_looked_at),
    *(states_of_both_directions, batches_of_labels_made_of_some_inputs, whole_set_again_and_again),
    *(answers_of_another_view_as_targets, one_order_for_both_in_many_ways),
    *(schedules_of_batches_and_of_epochs, rare_answers_that_are_weighed),
    *(arrays_in_one_order_in_many_ways, pairs_of_which_most_are_drawn),
    *(layers_told_to_learn, each_drawn_to_the_other_detached),
    *(drawn_examples_against_one_answer, pairs_of_which_the_same_places_belong_together),
)

# Findings watch ever fewer passes of a long run: a part of them, so that each is watched.
part, parts = (int(word) for word in sys.argv[1:])
for training in TRAININGS[part::parts]:
    training()

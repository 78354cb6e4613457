"""Trainings with a fault each, by name; what is found, and where, stands at the end of the line."""

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


def sgd(net, rate=0.01):
    return torch.optim.SGD(net.parameters(), lr=rate)


def scores_into_nll():
    net = Net(4)
    train(net, sgd(net), lambda scores: F.nll_loss(scores, classes))  # scores-into-nll


def softmax_into_cross_entropy():
    net = Net(4, nn.Softmax(dim=1))  # softmax-into-cross-entropy
    criterion = nn.CrossEntropyLoss()
    train(net, sgd(net), lambda scores: criterion(scores, classes))


def sigmoid_into_bce_logits():
    net = Net(1)
    criterion = nn.BCEWithLogitsLoss()
    train(net, sgd(net), lambda scores: criterion(torch.sigmoid(scores), chances))  # sigmoid-into-bce-logits


def broadcast_by_the_loss():
    net = Net(1)
    train(net, sgd(net), lambda out: F.mse_loss(out, numbers))  # broadcast-in-loss


def broadcast_by_hand():
    net = Net(1)
    train(net, sgd(net), lambda out: ((out - numbers) ** 2).mean())  # broadcast-in-loss


def wrong_sign():
    net = Net(1)
    train(net, sgd(net), lambda out: -F.mse_loss(out[:, 0], numbers))  # wrong-sign


def wrong_sign_of_layers_that_size_themselves():
    net = nn.Sequential(nn.LazyLinear(16), nn.ReLU(), nn.LazyLinear(1))
    net(x)
    train(net, sgd(net), lambda out: -F.mse_loss(out[:, 0], numbers))  # wrong-sign


def no_zero_grad():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(6):
        F.cross_entropy(net(x), classes).backward()
        optimizer.step()  # zero-grad-missing


def no_step():
    net = Net(4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(6):
        optimizer.zero_grad()
        F.cross_entropy(net(x), classes).backward()  # no-update


def reset_before_the_step():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(6):
        F.cross_entropy(net(x), classes).backward()
        optimizer.zero_grad()  # no-update
        optimizer.step()


def not_in_the_optimizer():
    net = Net(4)
    optimizer = torch.optim.Adam(net.second.parameters(), lr=0.01)  # params-not-in-optimizer
    train(net, optimizer, lambda scores: F.cross_entropy(scores, classes))


def layers_in_a_list():
    class Listed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(12, 12), nn.Linear(12, 12)]  # params-not-in-optimizer
            self.head = nn.Linear(12, 4)

        def forward(self, inputs):
            for layer in self.layers:
                inputs = torch.relu(layer(inputs))
            return self.head(inputs)

    net = Listed()
    train(net, sgd(net), lambda scores: F.cross_entropy(scores, classes))


def cut_by_detach():
    encoder, head = nn.Linear(12, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
    for _ in range(6):
        optimizer.zero_grad()
        code = torch.relu(encoder(x))
        F.cross_entropy(head(code.detach()), classes).backward()  # detached-path
        optimizer.step()


def cut_by_no_grad():
    encoder, head = nn.Linear(12, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
    for _ in range(6):
        optimizer.zero_grad()
        with torch.no_grad():
            code = encoder(x)  # detached-path
        F.cross_entropy(head(code), classes).backward()
        optimizer.step()


def cut_by_item():
    net = Net(1)
    optimizer = sgd(net)
    for _ in range(6):
        optimizer.zero_grad()
        error = F.mse_loss(net(x)[:, 0], numbers)
        loss = torch.tensor(error.item(), requires_grad=True)  # detached-path
        loss.backward()
        optimizer.step()


def cut_by_argmax():
    net = Net(4)
    optimizer = sgd(net)
    optimizer.zero_grad()
    guess = net(x).argmax(dim=1)  # detached-path
    try:
        (guess != classes).float().mean().backward()
    except RuntimeError as error:
        print(error)


def left_in_evaluation():
    net = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
    optimizer = sgd(net)
    for _ in range(4):
        train(net, optimizer, lambda scores: F.cross_entropy(scores, classes), steps=1)
        net.eval()  # wrong-mode
        with torch.no_grad():
            print(float(F.cross_entropy(net(x), classes)) > 0)


def clipped_to_nothing():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(25):
        optimizer.zero_grad()
        F.cross_entropy(net(x), classes).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1e-6)  # clip-too-tight
        optimizer.step()


def momentum_of_one():
    net = Net(4)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=1.0)  # momentum-too-large
    train(net, optimizer, lambda scores: F.cross_entropy(scores, classes))


def layer_never_used():
    class Unused(Net):
        def __init__(self):
            super().__init__(4)
            self.spare = nn.Linear(16, 16)  # unused-layer

    net = Unused()
    train(net, sgd(net), lambda scores: F.cross_entropy(scores, classes))


def state_of_the_pass_before():
    cell, head = nn.RNNCell(12, 8), nn.Linear(8, 1)
    state = torch.zeros(32, 8)
    optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.01)
    for _ in range(2):
        optimizer.zero_grad()
        state = cell(x, state)
        try:
            F.mse_loss(head(state)[:, 0], numbers).backward()  # stale-state
        except RuntimeError as error:
            print(str(error)[:40])
        optimizer.step()


def dead_units():
    net = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))  # dead-relu
    with torch.no_grad():
        net[0].bias.fill_(-20.0)
    train(net, sgd(net), lambda out: F.mse_loss(out[:, 0], numbers), steps=12)


def exploding():
    weight, into, head = nn.Parameter(torch.randn(16, 16) * 0.8), nn.Linear(12, 16), nn.Linear(16, 1)
    optimizer = torch.optim.SGD([weight, *into.parameters(), *head.parameters()], lr=1e-22)
    for _ in range(3):
        optimizer.zero_grad()
        state = torch.zeros(32, 16)
        for _ in range(12):
            state = F.linear(state, weight) + into(x)  # exploding-gradients
        F.mse_loss(head(state)[:, 0], numbers).backward()
        optimizer.step()


def rate_too_high():
    net = Net(1)
    optimizer = torch.optim.SGD(net.parameters(), lr=50.0)  # lr-too-high
    train(net, optimizer, lambda out: F.mse_loss(out[:, 0], numbers), steps=12)


def rate_too_low():
    net = Net(1)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-8)  # lr-too-low
    train(net, optimizer, lambda out: F.mse_loss(out[:, 0], numbers), steps=12)


def by_hand(step, reset=True, steps=6):
    weight = torch.randn(12, 1, requires_grad=True)
    for _ in range(steps):
        F.mse_loss((x @ weight)[:, 0], numbers).backward()
        step(weight)
        if reset:
            weight.grad = None


def by_hand_without_reset():
    def step(weight):
        with torch.no_grad():
            weight -= 0.01 * weight.grad  # zero-grad-missing

    by_hand(step, reset=False)


def by_hand_uphill():
    def step(weight):
        weight.data += 0.01 * weight.grad  # wrong-sign

    by_hand(step)


def by_hand_uphill_by_assignment():
    def step(weight):
        weight.data = weight.data + 0.01 * weight.grad  # wrong-sign

    by_hand(step)


def by_assignment_without_reset():
    def step(weight):
        weight.data = weight.data - 0.01 * weight.grad  # zero-grad-missing

    by_hand(step, reset=False)


def cut_by_data():
    net, head = nn.Linear(12, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
    for _ in range(4):
        optimizer.zero_grad()
        features = net(x).data  # detached-path
        F.cross_entropy(head(features), classes).backward()
        optimizer.step()


def state_cut_at_each_step():
    cell, head = nn.RNNCell(12, 8), nn.Linear(8, 1)
    optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        state = torch.zeros(32, 8)
        for _ in range(5):
            state = cell(x, state.detach())  # detached-path
        F.mse_loss(head(state)[:, 0], numbers).backward()
        optimizer.step()


def picked_by_different_indices():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(5):
        right = classes[torch.randperm(32)[:16]]  # wrong-labels
        optimizer.zero_grad()
        F.cross_entropy(net(x[torch.randperm(32)[:16]]), right).backward()
        optimizer.step()


def targets_flipped_alone():
    net = Net(4)
    right = classes.flip(0)  # wrong-labels
    train(net, sgd(net), lambda scores: F.cross_entropy(scores, right))


def replaced_behind_the_optimizer():
    net = Net(4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)  # params-not-in-optimizer
    for index in range(6):
        if index == 2:
            net.second.weight = nn.Parameter(torch.randn(4, 16) / 4)  # parameter-reassigned
        optimizer.zero_grad()
        F.cross_entropy(net(x), classes).backward()
        optimizer.step()


def data_outside_of_a_root():
    net = Net(1)
    inputs = x.sqrt()  # invalid-math
    optimizer = sgd(net)
    F.mse_loss(net(inputs)[:, 0], numbers).backward()
    optimizer.step()


def read_as_numbers():
    rate, scale = (nn.Parameter(torch.tensor([start])) for start in (-1.0, 0.5))
    optimizer = torch.optim.Adam([rate, scale], lr=0.02)
    times = torch.arange(20) / 10
    for _ in range(12):
        decay = 2 ** rate.item()  # detached-path
        optimizer.zero_grad()
        F.mse_loss(torch.exp(-decay * times) * scale, times).backward()
        optimizer.step()


def other_part_told_to_learn():
    net = Net(1)
    for steps, switched, learns in ((8, net.first, False), (8, net.second, True), (8, None, True)):
        optimizer = sgd(net)
        train(net, optimizer, lambda out: F.mse_loss(out[:, 0], numbers), steps)
        for parameter in () if switched is None else switched.parameters():
            parameter.requires_grad = learns  # frozen-by-mistake


def own_answers_by_max():
    net = Net(4)
    optimizer = sgd(net)
    for _ in range(6):
        scores = net(x)
        _, likeliest = torch.max(scores.data, 1)
        optimizer.zero_grad()
        F.cross_entropy(scores, likeliest).backward()  # loss-ignores-target
        optimizer.step()


def values_that_let_gradient_through():
    values = Net(2)
    optimizer = sgd(values)
    goes_on = (torch.rand(32) > 0.2).float()
    for _ in range(6):
        guess = values(x).gather(1, chances.long()).squeeze(1)
        later = numbers + 0.99 * goes_on * values(x.flip(1)).max(1)[0]  # target-not-detached
        optimizer.zero_grad()
        F.smooth_l1_loss(guess, later).backward()
        optimizer.step()


def bonus_for_entropy():
    policy = Net(4)
    optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)
    for _ in range(12):
        chosen = torch.distributions.Categorical(logits=policy(x))
        actions = chosen.sample()
        gains = (actions == classes).float() - 0.25
        loss = -(chosen.log_prob(actions) * gains).mean() - 5 * chosen.entropy().mean()  # regularisation-dominates
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def state_goes_on_into_other_sequences():
    sequences, ends = torch.randn(96, 5, 3), torch.randint(0, 2, (96,))
    cell, head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 2)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)
    state = None
    for _ in range(5):
        picked = torch.randperm(96)[:16]
        outputs, state = cell(sequences[picked], state)
        state = tuple(one.detach() for one in state)  # stale-state
        optimizer.zero_grad()
        F.cross_entropy(head(outputs[:, -1]), ends[picked]).backward()
        optimizer.step()


def one_batch_again_and_again():
    net = Net(4)
    optimizer = sgd(net)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, classes), batch_size=8)
    for _ in range(12):
        inputs, labels = next(iter(loader))  # stale-state
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()


def last_layers_frozen():
    net = Net(4)
    for name, parameter in net.named_parameters():
        parameter.requires_grad = name.startswith("first")  # frozen-by-mistake
    learned = (parameter for parameter in net.parameters() if parameter.requires_grad)
    train(net, torch.optim.SGD(learned, lr=0.01), lambda scores: F.cross_entropy(scores, classes))


def numbers_read_and_computed_with():
    first, last = nn.Linear(12, 8), nn.Linear(8, 4)
    optimizer = torch.optim.Adam([*first.parameters(), *last.parameters()], lr=0.01)
    for _ in range(8):
        rows = first(x).detach().numpy()  # detached-path
        mean = torch.tensor((rows + rows[::-1]) / 2)
        optimizer.zero_grad()
        F.cross_entropy(last(mean), classes).backward()
        optimizer.step()


def directions_joined_by_view():
    cell, head = nn.LSTM(3, 8, bidirectional=True, batch_first=True), nn.Linear(16, 2)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)
    for _ in range(4):
        sequences = torch.randn(8, 5, 3)
        _, (states, _) = cell(sequences)
        joined = states.view(8, -1)  # scrambled-axes
        optimizer.zero_grad()
        F.cross_entropy(head(joined), (sequences[:, 0, 0] > 0).long()).backward()
        optimizer.step()


def directions_of_the_last_layer_joined_by_reshape():
    cell, head = nn.GRU(3, 8, num_layers=2, bidirectional=True), nn.Linear(24, 2)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)
    for _ in range(4):
        sequences = torch.randn(5, 8, 3)
        outputs, states = cell(sequences)
        last = states.view(2, 2, 8, 8)[-1]
        joined = last.reshape(8, 16)  # scrambled-axes
        optimizer.zero_grad()
        scores = head(torch.cat([joined, outputs[0, :, :8]], dim=1))
        F.cross_entropy(scores, (sequences[0, :, 0] > 0).long()).backward()
        optimizer.step()


def one_batch_of_labels_made_of_some_inputs():
    inputs = torch.randn(320, 12)
    labels = (inputs[:, :3].sum(dim=1) > 0).long()
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(inputs[:256], labels[:256]), batch_size=16
    )
    net = Net(2)
    optimizer = sgd(net)
    for _ in range(60):
        batch, answers = next(iter(loader))  # stale-state
        optimizer.zero_grad()
        F.cross_entropy(net(batch), answers).backward()
        optimizer.step()


def one_batch_of_numbers():
    inputs = torch.randn(160, 12)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(inputs, inputs[:, :1].sin()), batch_size=16
    )
    net = Net(1)
    optimizer = sgd(net)
    for _ in range(30):
        batch, answers = next(iter(loader))  # stale-state
        optimizer.zero_grad()
        F.mse_loss(net(batch), answers).backward()
        optimizer.step()


def own_answers_detached():
    net = Net(1)
    optimizer = sgd(net)
    for _ in range(5):
        answers = net(x)
        targets = answers.detach()
        loss = F.mse_loss(answers, targets)  # loss-ignores-target
        optimizer.zero_grad()
        (loss + 0.001 * net.first.weight.abs().mean()).backward()
        optimizer.step()


def inputs_put_into_another_order():
    inputs = torch.randn(64, 12)
    labels = (inputs[:, 0] > 0).long()
    inputs = inputs[torch.randperm(64)]  # wrong-labels
    data = torch.utils.data.TensorDataset(inputs[:48], labels[:48])
    net = Net(2)
    optimizer = sgd(net)
    for batch, answers in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(batch), answers).backward()
        optimizer.step()


def inputs_of_each_batch_picked_alone():
    net = Net(1)
    optimizer = sgd(net)
    answers = torch.from_numpy(numbers.numpy().astype("float32")[:, None])
    order = torch.randperm(32)
    for at in range(0, 32, 8):
        batch = x[order[at : at + 8]]  # wrong-labels
        optimizer.zero_grad()
        F.mse_loss(net(batch), answers[at : at + 8]).backward()
        optimizer.step()


def layer_told_to_learn_by_an_attribute():
    body, one, other = Net(8), nn.Linear(8, 4), nn.Linear(8, 1)
    whole = nn.ModuleList([body, one, other])
    for parameter in whole.parameters():
        parameter.requires_grad = False
    for parameter in one.parameters():
        parameter.requires_grad = True
    other.requires_grad = True  # frozen-by-mistake
    optimizer = sgd(whole)
    for _ in range(5):
        made = body(x)
        optimizer.zero_grad()
        loss = F.cross_entropy(one(made), classes)
        (loss + F.binary_cross_entropy_with_logits(other(made), chances)).backward()
        optimizer.step()


def own_answers_of_a_call_detached():
    def error(outputs, code):
        targets = outputs.detach()
        return F.mse_loss(outputs, targets) + 0.001 * code.abs().mean()  # loss-ignores-target

    coder, decoder = nn.Linear(12, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 12))
    optimizer = sgd(nn.ModuleList([coder, decoder]))
    for _ in range(5):
        code = coder(x + torch.randn_like(x))
        optimizer.zero_grad()
        error(decoder(code), code).backward()
        optimizer.step()


def steps_of_batches(net, optimizer):
    examples = torch.utils.data.TensorDataset(x, classes)
    loader = torch.utils.data.DataLoader(examples, batch_size=8, shuffle=True)
    for _ in range(6):
        for inputs, right in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(inputs), right).backward()
            yield optimizer.step()


def staircase_stepped_per_batch():
    net = Net(4)
    optimizer = sgd(net)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.1)
    for _ in steps_of_batches(net, optimizer):
        schedule.step()  # schedule-to-zero


def milestones_stepped_per_batch():
    net = Net(4)
    optimizer = sgd(net)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4, 6], gamma=0.1)
    for _ in steps_of_batches(net, optimizer):
        schedule.step()  # schedule-to-zero


def cosine_stepped_per_batch():
    net = Net(4)
    optimizer = sgd(net)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
    for _ in steps_of_batches(net, optimizer):
        schedule.step()  # schedule-to-zero


def rare_answers_of_one_unit():
    rare = (torch.arange(200) % 25 == 3).float()
    inputs = torch.randn(200, 12) + 0.3 * rare[:, None]
    net = Net(1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(40):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(net(inputs)[:, 0], rare).backward()  # class-collapse
        optimizer.step()


def learn_from(inputs, right):
    net = Net(4)
    optimizer = sgd(net)
    for i in (0, 8, 16, 24):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs[i : i + 8]), right[i : i + 8]).backward()
        optimizer.step()


def array_put_into_another_order():
    import numpy

    rows, answers = x.numpy(), classes.numpy()
    order = numpy.random.default_rng(0).permutation(32)
    rows = rows[order]  # wrong-labels
    rows = (rows - rows.mean()) / rows.std()
    learn_from(torch.from_numpy(rows), torch.from_numpy(answers))


def list_shuffled_alone():
    rows, answers = x.tolist(), classes.tolist()
    random.shuffle(rows)  # wrong-labels
    learn_from(torch.tensor(rows), torch.tensor(answers))


for name in sys.argv[1:]:
    globals()[name]()

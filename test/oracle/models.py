"""Whole models: PyTorch's weights, ten steps of training, where they lead.

The same four models stand in test/unit/parity/whole-models.ts in Backstep's API. For each of them, at either floating
dtype, models/NAME-DTYPE.safetensors holds the weights that training starts from and models/NAME-DTYPE.json the inputs,
the ten losses, the weights afterwards, and the output in evaluation mode.

No parameter's gradient is zero but for rounding (a bias before a batch norm under Adam, a bias of attention's keys): Adam
divides by the gradient's size, and would make that rounding as large as everything else.
"""

import torch
import torch.nn.functional as F
from torch import nn, optim

from write import encode_tensor, to_json
from safetensors import save_file

STEPS = 10


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 16)
        self.fc2 = nn.Linear(16, 8)
        self.fc3 = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(F.relu(self.fc1(x)))))

    def loss(self, x, target):
        return F.cross_entropy(self(x), target)

    def optimizer(self):
        return optim.Adam(self.parameters(), lr=0.02, weight_decay=0.01)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2)
        self.bn2 = nn.BatchNorm2d(6, momentum=0.3)
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        h = F.relu(self.bn2(self.conv2(h)))
        return self.fc(h.mean((2, 3)))

    def loss(self, x, target):
        return F.cross_entropy(self(x), target, label_smoothing=0.1)

    def optimizer(self):
        return optim.SGD(self.parameters(), lr=0.05, momentum=0.9, nesterov=True)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 5)
        self.lstm = nn.LSTM(5, 6, num_layers=2, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, ids):
        output, _ = self.lstm(self.embed(ids))
        return self.fc(output[:, -1])

    def loss(self, ids, target):
        return F.cross_entropy(self(ids), target)

    def optimizer(self):
        return optim.RMSprop(self.parameters(), lr=0.01, momentum=0.5)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 2 * width)
        self.fc2 = nn.Linear(2 * width, width)

    def forward(self, x, mask):
        b, t, c = x.shape
        q, k, v = (
            part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.qkv(self.ln1(x)).chunk(3, -1)
        )
        scores = (q @ k.transpose(-2, -1)) / (c // self.heads) ** 0.5
        attention = scores.masked_fill(mask, float("-inf")).softmax(-1)
        x = x + self.proj((attention @ v).transpose(1, 2).reshape(b, t, c))
        return x + self.fc2(F.gelu(self.fc1(self.ln2(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.randn(6, 8) * 0.1)
        self.embed = nn.Embedding(12, 8)
        self.block = Block(8, 2)
        self.ln = nn.LayerNorm(8)
        self.head = nn.Linear(8, 12, bias=False)

    def forward(self, ids):
        t = ids.shape[1]
        mask = torch.ones(t, t, dtype=torch.bool).triu(1)
        return self.head(self.ln(self.block(self.embed(ids) + self.position[:t], mask)))

    def loss(self, ids, target):
        return F.cross_entropy(self(ids).flatten(0, 1), target.flatten())

    def optimizer(self):
        return optim.AdamW(self.parameters(), lr=0.01, weight_decay=0.1)


def rounded(*shape):
    return (torch.randn(*shape) * 1000).round() / 1000


MODELS = {
    "mlp": (Mlp, lambda: (rounded(8, 6), torch.randint(0, 3, (8,)))),
    "cnn": (Cnn, lambda: (rounded(4, 1, 8, 8), torch.randint(0, 3, (4,)))),
    "lstm": (Lstm, lambda: (torch.randint(0, 10, (4, 7)), torch.randint(0, 2, (4,)))),
    "transformer": (Transformer, lambda: (torch.randint(0, 12, (2, 6)), torch.randint(0, 12, (2, 6)))),
}


def write_models(folder):
    folder.mkdir(exist_ok=True)
    for name, (make, draw) in MODELS.items():
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(20)
            model = make().to(dtype)
            x, target = draw()
            x = x.to(dtype) if x.is_floating_point() else x
            path = folder / f"{name}-{str(dtype).split('.')[1]}"
            save_file(path.with_suffix(".safetensors"), model.state_dict())
            opt, losses = model.optimizer(), []
            for _ in range(STEPS):
                opt.zero_grad()
                loss = model.loss(x, target)
                loss.backward()
                opt.step()
                losses.append(loss.detach())
            state = {key: encode_tensor(t) for key, t in model.state_dict().items()}
            model.eval()
            with torch.no_grad():
                evaluated = model(x)
            record = {
                "x": encode_tensor(x),
                "target": encode_tensor(target),
                "losses": encode_tensor(torch.stack(losses)),
                "evaluated": encode_tensor(evaluated),
            }
            lines = [f'"{key}":{to_json(value)}' for key, value in record.items()]
            states = ",\n".join(f'"{key}":{to_json(value)}' for key, value in state.items())
            text = ",\n".join([*lines, f'"state":{{\n{states}\n}}'])
            path.with_suffix(".json").write_text(f"{{\n{text}\n}}\n", encoding="utf-8")

"""An LSTM that continues a sine wave."""

import torch
import torch.nn as nn


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(1, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, series):
        states, _ = self.rnn(series)
        return self.head(states[:, -1])


torch.manual_seed(0)
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(200):
    start = 6.28 * torch.rand(16, 1)
    waves = torch.sin(start + 0.4 * torch.arange(21.0)).unsqueeze(-1)
    loss = (model(waves[:, :-1]) - waves[:, -1]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

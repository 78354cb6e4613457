import torch
import torch.nn as nn

rnn = nn.LSTM(4, 6, num_layers=2, batch_first=True)
head = nn.Linear(6, 1)
out, (h, c) = rnn(torch.randn(3, 5, 4))
loss = head(out[:, -1]).pow(2).mean() + h.sum() * 0.1
loss.backward()

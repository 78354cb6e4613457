"""One transformer block that learns to reverse a sequence."""

import torch
import torch.nn as nn
import torch.nn.functional as F

LENGTH, SYMBOLS, WIDTH = 6, 8, 32


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.norm1 = nn.LayerNorm(WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 64), nn.GELU(), nn.Linear(64, WIDTH))

    def forward(self, x):
        attended, _ = self.attention(x, x, x)
        x = self.norm1(x + attended)
        return self.norm2(x + self.feed(x))


class Reverser(nn.Module):
    def __init__(self):
        super().__init__()
        self.symbols = nn.Embedding(SYMBOLS, WIDTH)
        self.places = nn.Parameter(0.1 * torch.randn(LENGTH, WIDTH))
        self.block = Block()
        self.head = nn.Linear(WIDTH, SYMBOLS)

    def forward(self, sequence):
        return self.head(self.block(self.symbols(sequence) + self.places))


torch.manual_seed(0)
model = Reverser()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(200):
    sequence = torch.randint(0, SYMBOLS, (32, LENGTH))
    scores = model(sequence)
    loss = F.cross_entropy(scores.flatten(0, 1), sequence.flip(1).flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

"""A small convolutional network that tells vertical from horizontal bars."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.head = nn.Linear(16 * 3 * 3, 2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.head(x.flatten(1))


def bars(count):
    """Noisy 12 × 12 images with one bar each, and 1 where it is vertical."""
    images = 0.3 * torch.randn(count, 1, 12, 12)
    labels = torch.randint(0, 2, (count,))
    places = torch.randint(0, 12, (count,))
    for image, label, place in zip(images, labels, places):
        (image[0, :, place] if label else image[0, place]).add_(1)
    return images, labels


torch.manual_seed(0)
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(100):
    images, labels = bars(32)
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

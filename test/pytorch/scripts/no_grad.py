import torch
import torch.nn as nn

teacher, student = nn.Linear(3, 2), nn.Linear(3, 2)
x = torch.randn(4, 3)
with torch.no_grad():
    target = teacher(x)
loss = (student(x) - target).pow(2).mean()
loss.backward()
with torch.no_grad():
    for p in student.parameters():
        p -= 0.1 * p.grad

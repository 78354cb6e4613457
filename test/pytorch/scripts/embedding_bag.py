import torch
import torch.nn as nn

bag = nn.EmbeddingBag(8, 4, mode="mean")
out = bag(torch.tensor([1, 2, 4, 5, 4, 3]), torch.tensor([0, 4]))
out.sum().backward()

import torch

x = torch.randn(4, 4, requires_grad=True)
mask = torch.ones(4, 4).tril().bool()
scores = x.masked_fill(~mask, float("-inf")).softmax(-1)
y = torch.where(x > 0, scores, x.abs().sqrt())
y.masked_select(mask).logsumexp(0).backward()

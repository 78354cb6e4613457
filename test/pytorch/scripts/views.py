import torch

x = torch.randn(2, 3, 4, requires_grad=True)
a = x.view(6, 4).t().contiguous()
b = x.permute(2, 0, 1).reshape(4, 6)
c = x.unsqueeze(0).expand(3, 2, 3, 4).sum(0).flatten(1)
d = torch.cat([a, b], 1).narrow(1, 2, 7)
loss = d.tanh().sum() + c.T.square().mean() + x.diagonal(0, 1, 2).prod()
loss.backward()

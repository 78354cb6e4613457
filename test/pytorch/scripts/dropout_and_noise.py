import torch
import torch.nn.functional as F

x = torch.randn(6, 5, requires_grad=True)
y = F.dropout(x, 0.4) + torch.randn_like(x) * 0.1 + F.alpha_dropout(x, 0.2, True)
y = F.rrelu(y, training=True) + F.gumbel_softmax(x)
y.sum().backward()

import torch

x = torch.randn(5, 6, requires_grad=True)
i, j = torch.tensor([0, 2, 2]), torch.tensor([1, 1, 5])
loss = (
    x[i, j].sum() + x[1:4, ::2].pow(2).sum() + x[..., -1].max() + x[x > 0].mean() + x[None, 3].sum()
)
loss = loss + x.gather(1, torch.tensor([[0], [1], [2], [3], [4]])).sum()
loss.backward()

import torch

a = torch.randn(3, 3, requires_grad=True)
m = a @ a.mT + torch.eye(3)
loss = (
    torch.linalg.solve(m, torch.ones(3)).sum() + torch.logdet(m) + torch.linalg.cholesky(m).trace()
)
loss = loss + torch.einsum("ij,jk,ik->", a, m, a)
loss.backward()

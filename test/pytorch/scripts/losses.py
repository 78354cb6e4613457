import torch
import torch.nn.functional as F

x = torch.randn(4, 5, requires_grad=True)
t = torch.rand(4, 5)
loss = (
    F.mse_loss(x, t)
    + F.l1_loss(x, t)
    + F.smooth_l1_loss(x, t)
    + F.binary_cross_entropy_with_logits(x, t)
)
loss = (
    loss
    + F.kl_div(x.log_softmax(-1), t.softmax(-1), reduction="batchmean")
    + F.nll_loss(x, torch.tensor([0, 1, 2, 3]))
)
loss = loss + F.huber_loss(x, t) + F.cosine_similarity(x, t).mean()
# Its gradient is that of logarithms that stay normalised.
steps = torch.randn(6, 2, 5, requires_grad=True).log_softmax(-1)
loss = loss + F.ctc_loss(steps, torch.tensor([[1, 2], [3, 4]]), (6, 5), (2, 2))
loss.backward()

"""One call of each op of torch that the engine has a record for."""

import torch
import torch.nn.functional as F

torch.manual_seed(0)
image = torch.randn(2, 3, 6, 6, requires_grad=True)
kernel = torch.randn(4, 3, 3, 3, requires_grad=True)
x = (torch.rand(4, 5) * 0.8 + 0.1).requires_grad_()
m = torch.randn(5, 7, requires_grad=True)
table = torch.randn(10, 4, requires_grad=True)
target = torch.randint(7, (4,))
y = x.detach().roll(1, 0)

mean, spread = torch.randn(3) * 0.1, torch.rand(3) + 0.5
scale, shift = torch.rand(3, requires_grad=True), torch.randn(3, requires_grad=True)

results = [
    *(x + 1, 2 - x, x * 3, x / 4, x**2, 2**x, -x, x + y, x - y, x * y, x / y, x**y),
    *(x.exp(), x.log(), x.sqrt(), x.rsqrt(), x.abs(), x.sin(), x.erf(), torch.log1p(x)),
    *(x.tanh(), x.sigmoid(), F.relu(x - 0.5), F.gelu(x), F.silu(x), F.softplus(x)),
    *(F.leaky_relu(x - 0.5, 0.2), F.elu(x - 0.5), F.hardtanh(x), F.logsigmoid(x)),
    *(x @ m, torch.mm(x, m), torch.bmm(image[:, 0], image[:, 1]), x[0].dot(x[1]), m.mv(m[0])),
    *(F.linear(x, m.t()), torch.outer(x[0], x[1]), F.embedding(target, table)),
    *(x.sum(), x.sum(1), x.sum(dim=0, keepdim=True), x.mean(-1), x.mean(), x.var(1), x.std()),
    *(x.logsumexp(1), x.amax(1), x.max(), x.prod(), x.norm(), x.cumsum(0)),
    *(F.softmax(x, 1), x.log_softmax(-1), F.layer_norm(x, (5,))),
    *(F.batch_norm(image, None, None, scale, shift, True), torch.nn.BatchNorm2d(3)(image)),
    *(F.batch_norm(image, mean, spread, scale, shift), F.batch_norm(image, mean, spread)),
    *(torch.nn.BatchNorm1d(5).eval()(x), torch.nn.BatchNorm1d(5)(x)),
    *(F.mse_loss(x, y), F.mse_loss(x, y, reduction="sum"), F.mse_loss(x, x * 2, reduction="none")),
    *(F.cross_entropy(x @ m, target), F.nll_loss(F.log_softmax(x @ m, 1), target)),
    *(F.conv2d(image, kernel, None, 2, 1), F.max_pool2d(image, 2), F.avg_pool2d(image, 2)),
    *(F.adaptive_avg_pool2d(image, 2), F.pad(x, (1, 2))),
    *(x[1], x[:, 1:4], x[..., -2], x[None], x[target % 4], x.view(20), x.reshape(-1, 10)),
    *(x.flatten(), x.unsqueeze(0), x.permute(1, 0), x.transpose(0, 1), x.T, x.expand(2, 4, 5)),
    *(torch.cat([x, x * 2], 1), torch.stack([x, x * 2], -1), x.narrow(0, 1, 2), x.select(0, -1)),
    *(x.clamp(min=0.2), x.clamp(0.15, 0.5), torch.where(x > 0.5, x, x * 2), torch.maximum(x, y)),
    *(x.masked_fill(x > 0.5, 0.0), x.gather(1, target[:, None] % 5), x.clone()),
    *(x.double(), x.t().contiguous(), x.flip(0), x.roll(1, 0), x.repeat(2, 1), x.tril()),
]
in_place = x * 1
in_place += 1
in_place.mul_(2)
loss = sum(result.float().sum() for result in [*results, in_place])
loss.backward()

import torch

x = torch.randn(3, requires_grad=True)
f = (
    (lambda v: v.sin().sum())
    if torch.__version__.startswith("1.")
    else torch.compile(lambda v: v.sin().sum(), backend="eager")
)
f(x).backward()

import torch


@torch.jit.script
def cubed(x: torch.Tensor) -> torch.Tensor:
    return x * x * x


x = torch.randn(3, requires_grad=True)
cubed(x).sum().backward()

import torch

x = torch.randn(8, requires_grad=True)
spectrum = torch.fft.rfft(x)
loss = spectrum.abs().pow(2).sum() + torch.view_as_real(spectrum)[2, 1]
loss.backward()

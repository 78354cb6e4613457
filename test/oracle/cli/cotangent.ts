import { tensor } from "backstep";

const x = tensor([[0.557,-0.311,0.848],[-0.723,1.542,-1.484]], { requiresGrad: true });
x.sin().backward(tensor([[0.274,0.368,0.916],[0.418,-0.01,0.414]]));

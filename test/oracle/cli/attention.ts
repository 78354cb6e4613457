import { tensor, ones, nn, type Tensor } from "backstep";

class Attention extends nn.Module {
  qkv = new nn.Linear(4, 12, { bias: false });
  out = new nn.Linear(4, 4, { bias: false });
  forward(x: Tensor) {
    const [q, k, v] = this.qkv.forward(x).chunk(3, -1);
    const mask = ones([3, 3], { dtype: "bool" }).triu(1);
    const scores = q.matmul(k.transpose(-2, -1)).div(2).maskedFill(mask, -Infinity);
    return this.out.forward(scores.softmax(-1).matmul(v));
  }
}
class Encoder extends nn.Module {
  attn = new Attention();
  norm = new nn.LayerNorm(4);
  forward(x: Tensor) {
    return this.norm.forward(x.add(this.attn.forward(x)));
  }
}

const encoder = new Encoder();
encoder.loadStateDict({
  "attn.qkv.weight": tensor([[0.4,0.258,-0.043,-0.534],[-0.515,-0.336,-0.015,-1.244],[1.103,-0.695,1.062,-1.019],[0.422,0.46,0.158,-0.793],[-0.726,-1.013,1.723,0.168],[1.41,0.373,-0.03,-2.701],[0.229,1.601,1.181,-1.202],[0.394,-1.361,0.033,-1.257],[0.664,-0.777,-0.338,0.26],[-0.614,-1.08,0.927,-1.558],[-0.568,0.477,-0.08,-1.377],[-2.016,0.196,-0.567,-0.672]]),
  "attn.out.weight": tensor([[-1.559,-0.003,-1.038,0.054],[-0.01,-0.743,0.879,-0.074],[2.821,0.646,-0.409,-0.667],[0.225,-1.235,0.661,-0.315]]),
  "norm.weight": tensor([-0.134,-1.118,1.597,1.84]),
  "norm.bias": tensor([-0.214,0.277,0.491,-0.899]),
});
const x = tensor([[[1.282,0.78,-0.277,-0.27],[-1.394,0.857,1.18,-0.636],[0.304,0.939,0.052,-1.914]],[[0.002,0.016,0.002,-2.289],[0.423,-0.41,-1.285,-0.381],[-0.56,-1.19,-0.022,-0.708]]]);
encoder.forward(x).pow(3).mean().backward();

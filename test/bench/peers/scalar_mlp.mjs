// The network of scalar_mlp.py in plain JavaScript: one object and one closure for each value, nothing recorded beside.
// Prints the median milliseconds of one training step, as JSON.

class Value {
  constructor(data, parents) {
    this.data = data;
    this.grad = 0;
    this.parents = parents;
    this.propagate = null;
  }
  add(other) {
    const out = new Value(this.data + other.data, [this, other]);
    out.propagate = () => {
      this.grad += out.grad;
      other.grad += out.grad;
    };
    return out;
  }
  mul(other) {
    const out = new Value(this.data * other.data, [this, other]);
    out.propagate = () => {
      this.grad += other.data * out.grad;
      other.grad += this.data * out.grad;
    };
    return out;
  }
  relu() {
    const out = new Value(Math.max(0, this.data), [this]);
    out.propagate = () => {
      if (out.data > 0) this.grad += out.grad;
    };
    return out;
  }
  backward() {
    const order = [];
    const seen = new Set([this]);
    const stack = [[this, 0]];
    while (stack.length > 0) {
      const top = stack.at(-1);
      const [value, next] = top;
      if (next === value.parents.length) {
        order.push(value);
        stack.pop();
        continue;
      }
      top[1]++;
      const parent = value.parents[next];
      if (seen.has(parent)) continue;
      seen.add(parent);
      stack.push([parent, 0]);
    }
    this.grad = 1;
    for (let i = order.length - 1; i >= 0; i--) order[i].propagate?.();
    return order.length;
  }
}

const leaf = (data) => new Value(data, []);
const uniform = () => Math.random() * 2 - 1;
const sizes = [2, 16, 16, 1];
const layers = sizes.slice(1).map((outs, i) =>
  Array.from({ length: outs }, () => ({
    weights: Array.from({ length: sizes[i] }, () => leaf(uniform())),
    bias: leaf(0),
  })),
);
const parameters = layers.flat().flatMap(({ weights, bias }) => [...weights, bias]);
const points = Array.from({ length: 100 }, () => [uniform(), uniform()]);
const signs = points.map(() => (Math.random() > 0.5 ? 1 : -1));

function step() {
  let total = leaf(0);
  for (const [n, point] of points.entries()) {
    let h = point.map(leaf);
    for (const [l, layer] of layers.entries()) {
      h = layer.map(({ weights, bias }) => {
        let sum = bias;
        for (let i = 0; i < weights.length; i++) sum = sum.add(weights[i].mul(h[i]));
        return l < 2 ? sum.relu() : sum;
      });
    }
    total = total.add(h[0].mul(leaf(-signs[n])).add(leaf(1)).relu());
  }
  let penalty = leaf(0);
  for (const parameter of parameters) penalty = penalty.add(parameter.mul(parameter));
  for (const parameter of parameters) parameter.grad = 0;
  const nodes = total
    .mul(leaf(1 / 100))
    .add(penalty.mul(leaf(1e-4)))
    .backward();
  for (const parameter of parameters) parameter.data -= 0.01 * parameter.grad;
  return nodes;
}

let nodes = 0;
for (let i = 0; i < 20; i++) nodes = step();
const times = Array.from({ length: 25 }, () => {
  const start = performance.now();
  step();
  return performance.now() - start;
}).sort((a, b) => a - b);
console.log(JSON.stringify({ milliseconds: times[12], nodes }));

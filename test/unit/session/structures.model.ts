import { ones, randn } from "backstep";

const weight = randn([3, 2]).requiresGrad_();

// 0 to 2: one structure, whatever the batch size.
for (const batch of [4, 7, 5]) randn([batch, 3]).matmul(weight).sum().backward();
// 3: a batch of one, which may broadcast.
randn([1, 3]).matmul(weight).sum().backward();
// 4: a parameter of another shape.
randn([4, 2])
  .matmul(randn([2, 2]).requiresGrad_())
  .sum()
  .backward();
// 5: another op.
ones([4, 3]).matmul(weight).mean().backward();

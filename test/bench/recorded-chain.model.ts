import { randn } from "backstep";

/** 10,000 nodes of 2048 elements: 82 MB of values, and as much of gradients. */
let x = randn([2048], { requiresGrad: true }).mul(1);
for (let i = 0; i < 4999; i++) x = x.mul(0.9999).sin();
x.sum().backward();

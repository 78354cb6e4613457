import { randn, tensor } from "backstep";

const a = randn([500, 500]);
const b = randn([500, 500]);
const w = tensor([1, 2, 3], { requiresGrad: true });
const big = new Float64Array(1_000_000).map((_, i) => i);
const plain = Array.from({ length: 200_000 }, (_, i) => i);
const map = new Map(plain.map((i) => [`key ${i}`, i] as const));
const long = "x".repeat(20_000_000);
const endless = new Proxy(
  {},
  {
    get(): never {
      for (;;);
    },
    ownKeys(): never {
      for (;;);
    },
  },
);
const endlessGetter = {
  get value(): never {
    for (;;);
  },
  toJSON(): never {
    for (;;);
  },
};
w.mul(w).sum().backward();
console.log(a.shape, b.shape, big.length, map.size, long.length, typeof endless, typeof endlessGetter);

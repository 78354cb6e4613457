// Lesson 3 of 5: a layer
//
// Three neurons that read the same two inputs are one matrix product, and it takes a whole batch of examples at once. What
// was a number in the last lesson is a tensor here; the rules stay the same, element by element.

import { tensor } from "backstep";

// Two examples, a row each.
const x = tensor([
  [1, 2],
  [3, -1],
]);
// Three neurons, a column each.
const w = tensor(
  [
    [0.5, -1, 0.2],
    [0.3, 0.4, -0.6],
  ],
  { requiresGrad: true },
);
const bias = tensor([0.1, 0, 0.5], { requiresGrad: true });

// ? product = x · w, of shapes [2, 2] · [2, 3]. What is the shape of the gradient of w, and what is it made of?
const product = x.matmul(w);

// ? scores = product + bias. The bias has one row, the product two. What happens to its gradient?
const scores = product.add(bias);

// ? hidden = relu(scores). Some elements of scores are below zero. Which elements get no gradient?
const hidden = scores.relu();

// ? total = sum of hidden. What is the gradient of each element of hidden?
const total = hidden.sum();

total.backward();

console.log(`gradient of w ${JSON.stringify(w.grad?.tolist())}, of the bias ${JSON.stringify(bias.grad?.tolist())}`);

// ── Answers, in the order of the questions: the panel shows each at its stop ────────────────────────────────────────

// = That of w, [2, 3]: a gradient has the shape of what it is the gradient of. It is xᵀ · (the gradient of the product): for
// = each weight the sum over the examples of input times what arrives. Click an element of it: "why" lists both terms.

// = Going forward the row was used for both examples, so going back it gets the sum over them: a value that is read twice gets
// = the sum, as in lesson 1. A hand-written backward that forgets this sum is one of the most common mistakes.

// = Just those: [0, 1], [0, 2] and [1, 1]. The second neuron is below zero for both examples: its column of w gets 0 from this
// = batch. In the graph such a card is marked.

// = 1: each of them moves the sum by as much as it moves itself.

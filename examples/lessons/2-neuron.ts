// Lesson 2 of 5: a neuron and its activation function
//
// A neuron weighs its inputs, sums them up, adds a bias, and bends the result: without the bend, layers of neurons could do
// no more than one. There are two passes here, one for each activation function; F5 goes from the first to the second.

import { tensor } from "backstep";

const x1 = tensor(1.5); // data: nobody asks for its gradient
const x2 = tensor(-2);
const w1 = tensor(0.75, { requiresGrad: true });
const w2 = tensor(0.5, { requiresGrad: true });
const bias = tensor(-0.125, { requiresGrad: true });

// ? weighted1 = w1 × x1. What does the weight get, and what would make that large?
const weighted1 = w1.mul(x1); // 1.125
const weighted2 = w2.mul(x2); // −1

const summed = weighted1.add(weighted2); // 0.125

// ? z = summed + bias. Whose gradient is that of the bias equal to?
const z = summed.add(bias); // 0

// ? y = sigmoid(z) = 1 / (1 + e⁻ᶻ). Its slope is y (1 − y). How large can that be, and where?
const y = z.sigmoid(); // 0.5
y.backward();

const shifted = z.detach().sub(0.75).requiresGrad_(true); // −0.75: the same neuron with another bias

// ? r = relu(shifted) = max(0, shifted), and shifted is −0.75. What gets through?
const r = shifted.relu(); // 0
r.backward();

console.log(`sigmoid: ${w1.grad?.item()} for w1; relu: ${shifted.grad?.item()}`);

// ── Answers, in the order of the questions: the panel shows each at its stop ────────────────────────────────────────

// = What arrives, 0.25, times the input x1: 0.375. A weight learns in proportion to its input, so that an input of 0
// = teaches its weight nothing. x1 itself is data and gets no gradient.

// = That of z: a sum passes on what arrives. So the bias of a neuron always gets the gradient of its sum, here 0.25.

// = At most 1/4, at z = 0, which is here: y = 0.5. Further out it is almost 0. So each sigmoid on the way makes the
// = gradient at least 4 times smaller, weights aside: ten layers of them, a million times. That is how gradients vanish.

// = Nothing: below zero the slope is 0, and 0 is passed back. Above zero it is 1, and nothing becomes smaller, which is why
// = deep networks use it. A neuron that is below zero for every example is dead: it never learns again.

// Lesson 1 of 5: the chain rule
//
// Press F5. The file runs to loss.backward() and stops at the loss: from here the gradient goes back, one operation a step
// (F10; the panel's own key is the full stop). At each stop the panel asks what comes next: think first, then look.

import { tensor } from "backstep";

const a = tensor(2, { requiresGrad: true });
const b = tensor(-3, { requiresGrad: true });

// ? e = a × b. How much of the loss's gradient does a get from here, and how much does b?
const e = a.mul(b); // −6

// ? d = e + a. A sum has two inputs. What does it pass back to each of them?
const d = e.add(a); // −4

// ? loss = d². The gradient of the loss itself is 1. What is the gradient of d?
const loss = d.square(); // 16

loss.backward();

console.log(`∂loss/∂a = ${a.grad?.item()}, ∂loss/∂b = ${b.grad?.item()}`); // 16 and −16

// ── Answers, in the order of the questions: the panel shows each at its stop ────────────────────────────────────────

// = Each gets what arrives at e times the other factor: ∂e/∂a is b and ∂e/∂b is a. So a gets −8 × −3 = 24, and b gets
// = −8 × 2 = −16. This product, what arrives times the local derivative, is the chain rule.

// = What arrives, unchanged, for ∂d/∂e and ∂d/∂a are both 1: so −8 for e, and −8 for a. That is not yet the whole gradient
// = of a, because a is read a second time, by e = a × b. A value that is read twice gets the sum: −8 + 24 = 16.

// = ∂loss/∂d = 2d = −8, times 1. It says: when d grows by a little, the loss shrinks by 8 times as much.

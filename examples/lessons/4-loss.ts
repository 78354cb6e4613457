// Lesson 4 of 5: a loss
//
// A network answers with one score a class. The softmax makes probabilities of them, and the cross-entropy asks how surprised
// they are by the truth. First op by op, then, after F5, as one op, the way everybody writes it.

import { F, tensor } from "backstep";

const scores = tensor([[2, 1, -1]], { requiresGrad: true });
const truth = 1; // the right class is the second

// ? p = softmax(scores). All three scores get a gradient although one probability was picked. Why?
const p = scores.softmax(1); // 0.705, 0.259, 0.035

// ? picked is the probability of the right class. What do the other two get from here?
const picked = p.select(1, truth);

// ? surprise = log(picked). What is the slope of the logarithm at 0.259, and what if it were near 0?
const surprise = picked.log();

// ? loss = −log(picked). How large is it when the right class has probability 1, and when all three are equal?
const loss = surprise.neg().sum();

loss.backward();

const logits = scores.detach().requiresGrad_(true);

// ? F.crossEntropy takes the scores themselves. What would happen if it were given p instead?
const same = F.crossEntropy(logits, tensor([truth], { dtype: "int64" }));

same.backward();

console.log(`by hand ${JSON.stringify(scores.grad?.tolist())}, as one op ${JSON.stringify(logits.grad?.tolist())}`);

// ── Answers, in the order of the questions: the panel shows each at its stop ────────────────────────────────────────

// = Because the three share 1: when one probability grows the others shrink. The result is simple: p minus 1 at the right
// = class, which is [0.705, −0.741, 0.035]. The right score is pushed up, the others down, by as much as they are wrong.

// = 0: they were not read. Picking an element passes the gradient to that element alone.

// = 1 / 0.259 = 3.85; near 0 it grows without bound, and at 0 the loss is infinite. That is why one never writes it like this
// = with probabilities that may vanish, but takes crossEntropy, which stays with logarithms throughout.

// = 0, and log 3 = 1.10. Here it is 1.35: worse than guessing. Such a first value tells whether a loss makes sense at all.

// = It would run a softmax on probabilities: a second one. It still trains, badly: the gradient can hardly tell 0.7 from 0.2.
// = No gradient is wrong then, so that comparing finds nothing; "backstep diagnose" names it.

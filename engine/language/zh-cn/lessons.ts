import type { Catalogue } from "../translate.ts";

/** Titles, questions and answers of the lessons, in Simplified Chinese, by what their model files say. */
export const LESSONS: Catalogue = {
  "the chain rule": "链式法则",
  "e = a × b. How much of the loss's gradient does a get from here, and how much does b?":
    "e = a × b。a 从这里得到损失的梯度的多少，b 又得到多少？",
  "Each gets what arrives at e times the other factor: ∂e/∂a is b and ∂e/∂b is a. So a gets −8 × −3 = 24, and b gets −8 × 2 = −16. This product, what arrives times the local derivative, is the chain rule.":
    "每个得到的是到达 e 的梯度乘以另一个因子：∂e/∂a 是 b，∂e/∂b 是 a。因此 a 得到 −8 × −3 = 24，b 得到 −8 × 2 = −16。这个乘积，即到达的梯度乘以局部导数，就是链式法则。",
  "d = e + a. A sum has two inputs. What does it pass back to each of them?":
    "d = e + a。一个和有两个输入。它向每个输入回传什么？",
  "What arrives, unchanged, for ∂d/∂e and ∂d/∂a are both 1: so −8 for e, and −8 for a. That is not yet the whole gradient of a, because a is read a second time, by e = a × b. A value that is read twice gets the sum: −8 + 24 = 16.":
    "原样回传到达的梯度，因为 ∂d/∂e 和 ∂d/∂a 都是 1：e 得到 −8，a 得到 −8。这还不是 a 的全部梯度，因为 a 还被 e = a × b 第二次读取。被读取两次的值得到两者之和：−8 + 24 = 16。",
  "loss = d². The gradient of the loss itself is 1. What is the gradient of d?":
    "loss = d²。损失自身的梯度是 1。d 的梯度是多少？",
  "∂loss/∂d = 2d = −8, times 1. It says: when d grows by a little, the loss shrinks by 8 times as much.":
    "∂loss/∂d = 2d = −8，再乘以 1。它的意思是：d 增加一点，损失就减少其 8 倍。",
  "a neuron and its activation function": "神经元及其激活函数",
  "weighted1 = w1 × x1. What does the weight get, and what would make that large?":
    "weighted1 = w1 × x1。权重得到什么？什么会使它变大？",
  "What arrives, 0.25, times the input x1: 0.375. A weight learns in proportion to its input, so that an input of 0 teaches its weight nothing. x1 itself is data and gets no gradient.":
    "到达的梯度 0.25 乘以输入 x1：0.375。权重按其输入的比例学习，因此为 0 的输入教不会它的权重任何东西。x1 本身是数据，没有梯度。",
  "z = summed + bias. Whose gradient is that of the bias equal to?": "z = summed + bias。偏置的梯度等于谁的梯度？",
  "That of z: a sum passes on what arrives. So the bias of a neuron always gets the gradient of its sum, here 0.25.":
    "等于 z 的梯度：和会原样回传到达的梯度。因此神经元的偏置得到的总是其总和的梯度，这里是 0.25。",
  "y = sigmoid(z) = 1 / (1 + e⁻ᶻ). Its slope is y (1 − y). How large can that be, and where?":
    "y = sigmoid(z) = 1 / (1 + e⁻ᶻ)。其斜率为 y (1 − y)。它最大能有多大，在哪里？",
  "At most 1/4, at z = 0, which is here: y = 0.5. Further out it is almost 0. So each sigmoid on the way makes the gradient at least 4 times smaller, weights aside: ten layers of them, a million times. That is how gradients vanish.":
    "最大为 1/4，在 z = 0 处，也就是这里：y = 0.5。离得越远越接近 0。因此（不计权重）途中每个 sigmoid 都使梯度至少缩小到四分之一：十层就是一百万分之一。梯度就是这样消失的。",
  "r = relu(shifted) = max(0, shifted), and shifted is −0.75. What gets through?":
    "r = relu(shifted) = max(0, shifted)，而 shifted 为 −0.75。什么能通过？",
  "Nothing: below zero the slope is 0, and 0 is passed back. Above zero it is 1, and nothing becomes smaller, which is why deep networks use it. A neuron that is below zero for every example is dead: it never learns again.":
    "什么也不能：小于零时斜率为 0，回传 0。大于零时斜率为 1，什么也不会变小，所以深层网络使用它。对每个样本都小于零的神经元是失活的：它再也学不到东西。",
  "a layer": "一层",
  "product = x · w, of shapes [2, 2] · [2, 3]. What is the shape of the gradient of w, and what is it made of?":
    "product = x · w，形状为 [2, 2] · [2, 3]。w 的梯度是什么形状，由什么构成？",
  'That of w, [2, 3]: a gradient has the shape of what it is the gradient of. It is xᵀ · (the gradient of the product): for each weight the sum over the examples of input times what arrives. Click an element of it: "why" lists both terms.':
    "与 w 相同，[2, 3]：梯度的形状与其所属的张量相同。它等于 xᵀ ·（乘积的梯度）：对每个权重，是各样本的输入乘以到达的梯度之和。点击它的一个元素：“为什么”会列出两项。",
  "scores = product + bias. The bias has one row, the product two. What happens to its gradient?":
    "scores = product + bias。偏置只有一行，而乘积有两行。它的梯度会怎样？",
  "Going forward the row was used for both examples, so going back it gets the sum over them: a value that is read twice gets the sum, as in lesson 1. A hand-written backward that forgets this sum is one of the most common mistakes.":
    "前向时这一行用于两个样本，因此反向时它得到两者之和：被读取两次的值得到两次之和，如第 1 课所述。手写的 backward 忘记这个求和是最常见的错误之一。",
  "hidden = relu(scores). Some elements of scores are below zero. Which elements get no gradient?":
    "hidden = relu(scores)。scores 的一些元素小于零。哪些元素得不到梯度？",
  "Just those: [0, 1], [0, 2] and [1, 1]. The second neuron is below zero for both examples: its column of w gets 0 from this batch. In the graph such a card is marked.":
    "正是那些：[0, 1]、[0, 2] 和 [1, 1]。第二个神经元对两个样本都小于零：它在 w 中的那一列从这个批次得到 0。在计算图中，这样的卡片带有标记。",
  "total = sum of hidden. What is the gradient of each element of hidden?":
    "total = hidden 之和。hidden 的每个元素的梯度是多少？",
  "1: each of them moves the sum by as much as it moves itself.": "1：每个元素变化多少，总和就变化多少。",
  "a loss": "损失函数",
  "p = softmax(scores). All three scores get a gradient although one probability was picked. Why?":
    "p = softmax(scores)。只取了一个概率，而三个得分都得到了梯度。为什么？",
  "Because the three share 1: when one probability grows the others shrink. The result is simple: p minus 1 at the right class, which is [0.705, −0.741, 0.035]. The right score is pushed up, the others down, by as much as they are wrong.":
    "因为三者之和为 1：一个概率增大，其余就减小。结果很简单：p 在正确的类别处减 1，即 [0.705, −0.741, 0.035]。正确的得分被推高，其余的被压低，错多少就推多少。",
  "picked is the probability of the right class. What do the other two get from here?":
    "picked 是正确类别的概率。另外两个从这里得到什么？",
  "0: they were not read. Picking an element passes the gradient to that element alone.":
    "0：它们没有被读取。选取一个元素只把梯度传给该元素。",
  "surprise = log(picked). What is the slope of the logarithm at 0.259, and what if it were near 0?":
    "surprise = log(picked)。对数在 0.259 处的斜率是多少？若接近 0 又会怎样？",
  "1 / 0.259 = 3.85; near 0 it grows without bound, and at 0 the loss is infinite. That is why one never writes it like this with probabilities that may vanish, but takes crossEntropy, which stays with logarithms throughout.":
    "1 / 0.259 = 3.85；接近 0 时它无限增大，在 0 处损失为无穷大。所以人们从不用可能为零的概率这样写，而是使用始终以对数计算的 crossEntropy。",
  "loss = −log(picked). How large is it when the right class has probability 1, and when all three are equal?":
    "loss = −log(picked)。当正确类别的概率为 1 时它是多少？三者相等时呢？",
  "0, and log 3 = 1.10. Here it is 1.35: worse than guessing. Such a first value tells whether a loss makes sense at all.":
    "0 和 log 3 = 1.10。这里是 1.35：比乱猜还差。这样的初始值能说明损失是否合理。",
  "F.crossEntropy takes the scores themselves. What would happen if it were given p instead?":
    "F.crossEntropy 接收的是得分本身。如果把 p 交给它会怎样？",
  'It would run a softmax on probabilities: a second one. It still trains, badly: the gradient can hardly tell 0.7 from 0.2. No gradient is wrong then, so that comparing finds nothing; "backstep diagnose" names it.':
    "它会对概率再做一次 softmax。它仍能训练，但效果很差：梯度几乎分不清 0.7 与 0.2。此时没有梯度是错的，因此比较发现不了问题；“backstep diagnose” 能指出它。",
  "a training step": "一步训练",
  "What does the gradient of hidden.weight look like, seen as pictures of 28 × 28?":
    "把 hidden.weight 的梯度看成 28 × 28 的图片，它是什么样子？",
  "Like digits: for each neuron it is the sum of the images, each times what arrives for it (lesson 3). The neuron is moved towards the images that it should answer to, and away from the others.":
    "像数字：对每个神经元，它是各图像乘以该图像到达的梯度之和（第 3 课）。神经元被移向它应当响应的图像，远离其他图像。",
  "Which of the 32 neurons learn from an image?": "32 个神经元中，哪些从一张图像中学习？",
  "Those that are above zero for it (lesson 2). Over 64 images nearly every neuron is, for some of them.":
    "对该图像大于零的那些（第 2 课）。在 64 张图像中，几乎每个神经元都会对其中一些大于零。",
  "320 weights and 10 biases. Why does their gradient need the values of active?":
    "320 个权重和 10 个偏置。为什么它们的梯度需要 active 的值？",
  "A weight gets what arrives times its input (lesson 2), so that the inputs of the forward pass are kept until the backward pass has used them. This is what training needs so much memory for.":
    "权重得到的是到达的梯度乘以其输入（第 2 课），因此前向传播的输入要一直保留到反向传播用过为止。训练需要这么多内存就是为此。",
  "In the first step the network knows nothing. What should the loss be?":
    "在第一步中，网络什么都不知道。损失应该是多少？",
  "About log 10 = 2.30, as for guessing among ten (lesson 4). Much more would mean that the first weights are too large.":
    "大约 log 10 = 2.30，相当于在十个中猜一个（第 4 课）。若大得多，说明初始权重过大。",
};

import type { Catalogue } from "../translate.ts";

/** What the findings about a training say, in Simplified Chinese, by the English sentences with their values numbered. */
export const FINDINGS: Catalogue = {
  "the value": "该值",
  "Keep {0} a tensor: add and stack tensors, and call {1}() only to print.":
    "让 {0} 保持为张量：对张量求和与堆叠，只在打印时调用 {1}()。",
  "the conversion to integers": "转换为整数",
  ", unless something that is certain explains it": "，除非另有确定的原因",
  "{0} group {1}": "{0} 第 {1} 组",
  "Keep {0} a tensor up to the loss, and call {1}() only to print.":
    "在到达损失之前让 {0} 保持为张量，只在打印时调用 {1}()。",
  "{0} and {1} more": "{0} 以及另外 {1} 个",
  "{0} and {1}": "{0} 和 {1}",
  "Leave {0} out.": "去掉 {0}。",
  "This penalty is {0} times as large as the rest of the loss at the start, and {1} times at pass {2}: the steps follow it, and the weights shrink whatever the data says. Make its factor smaller, until it is a tenth of the loss or less.":
    "该惩罚项在开始时是损失其余部分的 {0} 倍，在第 {2} 次传播时是 {1} 倍：更新只跟随惩罚项，无论数据如何权重都会缩小。请减小其系数，直到它不超过损失的十分之一。",
  "The means of the code vary by {0} over {1} examples at pass {2}: it says nothing about them. The divergence outweighs the error: {3}. Bring both together over the same elements, and begin with a small factor.":
    "在第 {2} 次传播中，编码的均值在 {1} 个样本之间的变化只有 {0}：它不携带样本的任何信息。散度压倒了误差：{3}。请在相同的元素上计算两者，并从较小的系数开始。",
  "its factor is {0}": "其系数为 {0}",
  "it is summed, and the error is averaged": "它是求和，而误差是求平均",
  "Class {0} is predicted for {1} examples, and is right for {2} % of them: the others are so rare that they are ignored. Weigh classes by their rarity, or draw them equally often.":
    "预测为类别 {0} 的样本：{1}，而样本中有 {2} % 属于它：其他类别太少见而被忽略。请按稀有程度给类别加权，或等频率抽取各类别。",
  "all {0}": "全部 {0} 个",
  "{0} % of {1}": "{1} 个中的 {0} %",
  "This penalty was {0} times as large as the rest of the loss at the start, and {1} of that is left at pass {2}, while the rest went from {3} to {4}: what it is on went to zero, and says nothing any more. Make its factor smaller, until it is a tenth of the loss or less.":
    "该惩罚项在开始时是损失其余部分的 {0} 倍，在第 {2} 次传播时只剩下它的 {1}，而其余部分从 {3} 变为 {4}：它所惩罚的值已变为零，不再携带任何信息。请减小其系数，直到它不超过损失的十分之一。",
  "an element of it counts {0} times as much as one of the error": "它的一个元素的分量是误差的一个元素的 {0} 倍",
  "The loss went from {0} to {1} and ended at {2} in {3}, and the first steps of this {4} (lr {5}) changed the weights by {6} % of their size: they left nothing of how those were drawn. Divide the learning rate by 10 until the loss falls.":
    "损失在 {3} 中从 {0} 升到 {1}，最后为 {2}，而这个 {4}（lr {5}）最初的几步使权重改变了其大小的 {6} %：权重初始化的结果荡然无存。请将学习率除以 10，直到损失下降。",
  "The gradients of {0} passes are added up for each step of this {1}, and no loss is divided by their number, so each step is {2} times what it would be of their mean, and the loss went from {3} to {4}. Divide the loss by {5} before backward().":
    "这个 {1} 的每一步都累加了 {0} 次传播的梯度，而损失没有除以次数，因此每一步都是取均值时的 {2} 倍，损失从 {3} 变为 {4}。请在 backward() 之前将损失除以 {5}。",
  "the last of them is here": "最后一个在此",
  "the gradients are used here": "梯度在此使用",
  "requiresGrad_(true) changes nothing here: {0} had learned before. What was frozen, and stays so, is {1}, although this {2}, made for what follows, holds that too. Call requiresGrad_(true) on it.":
    "此处的 requiresGrad_(true) 没有改变任何东西：{0} 先前已在学习。被冻结且一直冻结的是 {1}，尽管为后续训练创建的这个 {2} 也持有它。请对它调用 requiresGrad_(true)。",
  "the {0} that holds it": "持有它的 {0}",
  "frozen here": "在此冻结",
  "{0}() gives plain numbers here, and whatever is made of those knows nothing of {1}: its numbers were read before {2}, and no pass has met {3} itself, so it got no gradient. Keep {4} a tensor up to the loss, and call {5}() only to print.":
    "{0}() 在此给出普通数字，由它们得到的值与 {1} 再无关联：它的数字在 {2} 之前被读取，而没有任何一次传播经过 {3} 本身，因此它没有梯度。请在计算损失之前让 {4} 保持为张量，只在打印时调用 {5}()。",
  "{0}() gives plain numbers here, and whatever is computed of those knows nothing of what they were made of: so it was before {1}, none of which has met {2}. Go on with the tensors themselves, and call {3}() only to print.":
    "{0}() 在此给出普通数字，由它们计算出的值与其来源再无关联：在 {1} 之前都是如此，而没有任何一次传播经过 {2}。请继续使用张量本身，只在打印时调用 {3}()。",
  "{0} products in a row give numbers that are larger than what goes in, {1} times as large in all: the root mean square of the last is {2} at the start, so what follows saturates or overflows. Divide the weights by the root of the number of their inputs when they are drawn.":
    "连续 {0} 个矩阵乘积给出的数都比输入大，总共是 {1} 倍：最后一个的均方根在开始时就是 {2}，因此其后的部分会饱和或溢出。请在抽取权重时除以其输入个数的平方根。",
  "The targets are the very ids that go in: the network only has to repeat its input. Shift them by one, so that it predicts the next.":
    "目标就是输入的标识本身：网络只需重复其输入。请把目标错开一位，使网络预测下一个。",
  "{0} moves the targets along the examples here, and the inputs stay where they are: example i has the target of another. Leave it out, or move both.":
    "{0} 在此沿样本方向移动了目标，而输入没有移动：样本 i 对应的是另一个样本的目标。请去掉它，或同时移动两者。",
  "the loss compares them here": "损失在此比较它们",
  "Inputs and targets were picked by different indices: example i of one has nothing to do with target i of the other. Pick both by the same indices.":
    "输入与目标用不同的索引选取：一方的样本 i 与另一方的目标 i 毫无关系。请用相同的索引选取两者。",
  "the inputs are picked here": "输入在此选取",
  "Every target in all {0} passes that were looked at is class {1}: there is nothing to tell apart. Look at how the targets are made.":
    "在所查看的全部 {0} 次传播中，每个目标都是类别 {1}：没有可区分的内容。请检查目标是如何产生的。",
  "{0} and {1} broadcast to {2} here: each example is compared with all {3} others, and the best the model can do is to predict the mean of the targets. Give both one shape, with squeeze or unsqueeze.":
    "{0} 与 {1} 在此广播为 {2}：每个样本都与全部 {3} 个其他样本比较，模型最多只能预测目标的均值。请用 squeeze 或 unsqueeze 使两者形状相同。",
  "{0} has summed over every element before the mask is applied: the one number {1} is multiplied with a mask of {2}, so the mask picks nothing out. Sum along the axes of one example only, then apply the mask.":
    "{0} 在应用掩码之前已对所有元素求和：一个数 {1} 与 {2} 的掩码相乘，掩码什么也挑不出来。请只沿单个样本的各轴求和，然后再应用掩码。",
  "the mask is applied here": "掩码在此应用",
  "Write {0} after the {1} of the two.": "在两者中{1}之后写上 {0}。",
  "This factor is a power of 1 − p, and p is cut off by detach() here: of a focal loss it is part of what is differentiated, so the gradient is wrong for every example that is not yet sure. Leave the detach() out.":
    "该因子是 1 − p 的幂，而 p 在此被 detach() 截断：在焦点损失中它属于要求导的部分，因此对每个尚不确定的样本梯度都是错的。请去掉 detach()。",
  "the factor is applied here": "该因子在此应用",
  "The state is detached before each step of this one pass: no gradient goes from a step to the one before, so nothing is learned over time. detach() it once a pass, before the first step.":
    "在这一次传播中，每一步之前都对状态做了 detach：梯度无法从一步传到前一步，因此学不到任何时间上的关系。请在每次传播的第一步之前只 detach() 一次。",
  "backward() finds nothing to do, since {0} cuts the path to the loss here: {1}. {2}":
    "backward() 无事可做，因为 {0} 在此截断了通往损失的路径：{1}。{2}",
  "The loss is made of a new leaf here, of numbers: it requires a gradient itself, and knows nothing of what the numbers were computed from. backward() gives its gradient to this tensor, and {0} got none in {1}. Compute the loss from the tensors themselves.":
    "损失在此由一个用数字新建的叶张量构成：它自身需要梯度，却与这些数字的来源毫无联系。backward() 把梯度给了这个张量，而 {0} 在 {1} 中没有得到梯度。请直接用张量计算损失。",
  "backward() is called here": "在此调用 backward()",
  "{0} cuts the gradient off here: {1}. {2} {3} a part in the loss only through it, and got no gradient in {4}. {5}":
    "{0} 在此截断了梯度：{1}。{2} 只通过它参与损失，在 {4} 中没有得到梯度。{5}",
  "{0} was made here": "{0} 在此创建",
  "{0}() cuts the gradient off here: its derivative is zero everywhere. {1} {2} a gradient of zero. Compute the loss from the values before they are rounded.":
    "{0}() 在此截断了梯度：它的导数处处为零。{1} 得到的梯度为零。请用取整之前的值计算损失。",
  "Leave detach() out.": "去掉 detach()。",
  "{0} {1} not require a gradient, so {2}{3}. {4}": "{0} 不需要梯度，因此{2}{3}。{4}",
  "it never changes": "它永远不变",
  "they never change": "它们永远不变",
  ", and this {0} holds nothing else": "，而这个 {0} 没有其他内容",
  " although this {0} holds {1}": "，尽管这个 {0} 持有 {1}",
  "Leave requiresGrad_(false) out here, or call requiresGrad_(true) where training begins.":
    "请去掉此处的 requiresGrad_(false)，或在训练开始处调用 requiresGrad_(true)。",
  "Create it with { requiresGrad: true }.": "创建时加上 { requiresGrad: true }。",
  "the {0} that holds {1}": "持有 {1} 的 {0}",
  "Let them require a gradient.": "让它们需要梯度。",
  'This {0} is in "{1}" of {2}, a plain {3}, which registers nothing (PyTorch does not either): parameters() does not find it, and it never changes. Put the layers into an nn.{4}.':
    '这个 {0} 位于 {2} 的 "{1}" 中，那是一个普通的 {3}，不会注册任何内容（PyTorch 也不会）：parameters() 找不到它，它永远不变。请把这些层放进 nn.{4}。',
  "its module": "其模块",
  "{0} is made here": "{0} 在此创建",
  "the module": "该模块",
  "Divide lr by {0}.": "将 lr 除以 {0}。",
  "Multiply lr by {0}.": "将 lr 乘以 {0}。",
  "The loss went from {0} to {1} in {2}, and a typical step of this {3} (lr {4}) changes the weights by {5} % of their size: the steps overshoot. Divide the learning rate by 10 until the loss falls.":
    "损失在 {2} 中从 {0} 变为 {1}，而这个 {3}（lr {4}）典型的一步会使权重改变其大小的 {5} %：步子迈过了头。请将学习率除以 10，直到损失下降。",
  "A typical step of this {0} (lr {1}) changes the weights by {2} of their size, and the loss {3} over {4}: the learning rate is too small. Multiply it by 10 until the loss falls.":
    "这个 {0}（lr {1}）典型的一步只使权重改变其大小的 {2}，损失在 {4} 中{3}：学习率太小。请乘以 10，直到损失下降。",
  "A typical step changes the weights by {0} of their size here, and the loss stayed at {1} over {2}: the learning rate is too small. Multiply it by 10 until the loss falls.":
    "此处典型的一步只使权重改变其大小的 {0}，损失在 {2} 中停在 {1}：学习率太小。请乘以 10，直到损失下降。",
  "follows nothing but the batches": "只随批次起伏",
  "stayed at {0}": "停在 {0}",
  "The gradient that arrives {0} time steps before the loss is {1} of the one next to it: it shrinks by {2} a step, so nothing is learned over more than a few. Start {3} larger or orthogonal, or use a gated cell.":
    "在损失之前 {0} 个时间步处得到的梯度，是紧邻损失处的 {1} 倍：每往前一步缩小为 {2} 倍，因此跨越几步以上就学不到东西。请把 {3} 初始化得更大或为正交矩阵，或使用门控单元。",
  "the recurrent weight": "循环权重",
  "the loss went from {0} to {1}": "损失从 {0} 变为 {1}",
  "the gradients, of norm {0}, are cut to {1} every time": "范数为 {0} 的梯度每次都被裁剪到 {1}",
  '{0} sums over {1} elements, so each step is {2} times what it would be of their mean, and {3}. Use reduction "mean", or divide by the number of examples.':
    '{0} 对 {1} 个元素求和，因此每一步都是取均值时的 {2} 倍，并且{3}。请使用 reduction "mean"，或除以样本数。',
  "The loss": "损失",
  "the gradients are clipped here": "梯度在此裁剪",
  'Set reduction to "mean".': '将 reduction 设为 "mean"。',
  "{0} compares {1} with itself{2}: the loss is {3} whatever the right answer is. Pass the targets.":
    "{0} 把 {1} 与它自身比较{2}：无论正确答案是什么，损失都是 {3}。请传入目标。",
  "The difference": "差值",
  "the same": "相同",
  "{0} compares what the model says of one input with what it says of another, and nothing else is in the loss: one answer for everything makes it 0, whatever the right answers are. Pass the targets.":
    "{0} 把模型对一个输入的输出与它对另一个输入的输出比较，损失中别无其他项：无论正确答案是什么，对一切给出同一个输出就能使它为 0。请传入目标。",
  "both are made here": "两者都在此产生",
  "Every target in all {0} passes that were looked at is {1}: the loss compares the prediction with a constant, and the best model is that constant. Pass the targets.":
    "在所查看的全部 {0} 次传播中，每个目标都是 {1}：损失把预测与一个常数比较，最好的模型就是该常数。请传入目标。",
  "This layer {0} takes what the layer {1} before it gives, with no activation between them: two affine layers in a row can do no more than one. Put an activation, such as ReLU, between them.":
    "层 {0} 直接接收其前面的层 {1} 的输出，中间没有激活函数：连续两个仿射层的能力不超过一个。请在它们之间放一个激活函数，例如 ReLU。",
  "the layer before": "前面的层",
  "Put a ReLU between them.": "在它们之间放一个 ReLU。",
  "This {0} has a momentum of {1}: no gradient is ever forgotten, so updates grow without bound. Choose one below 1, such as 0.9.":
    "这个 {0} 的动量为 {1}：任何梯度都不会被遗忘，因此更新会无限增长。请选择小于 1 的值，例如 0.9。",
  "Set momentum to 0.9.": "将动量设为 0.9。",
  "{0} gave the parameters of this {1} gradients, and its step() was never called: nothing has moved. Call step() after each backward().":
    "{0} 为这个 {1} 的参数产生了梯度，但从未调用它的 step()：什么也没有更新。请在每次 backward() 之后调用 step()。",
  "backward pass": "次反向传播",
  "backward passes": "次反向传播",
  "gradients are computed here": "梯度在此计算",
  "Call step() after backward().": "在 backward() 之后调用 step()。",
  "step() of this {0} was called {1}, and no parameter had a gradient at any of them: zeroGrad() comes between backward() and step(), or step() before backward(). The order is zeroGrad(), backward(), step().":
    "这个 {0} 的 step() 被调用了 {1}，但每一次都没有任何参数有梯度：zeroGrad() 位于 backward() 与 step() 之间，或 step() 在 backward() 之前。顺序应为 zeroGrad()、backward()、step()。",
  "and let go of here": "在此被清除",
  "and would be used here": "本应在此使用",
  "{0} of {1} backward passes computed gradients that zeroGrad() threw away before step() could use them: step() of this {2} was called {3} only. It belongs inside the loop, after each backward().":
    "{1} 次反向传播中有 {0} 次计算的梯度在 step() 使用之前被 zeroGrad() 丢弃：这个 {2} 的 step() 只被调用了 {3}。它应在循环之内，位于每次 backward() 之后。",
  "gradients are let go of here": "梯度在此被清除",
  "Call zeroGrad() before backward().": "在 backward() 之前调用 zeroGrad()。",
  "{0} of {1} numbers of {2} {3} {4}: the data brings it in, and it makes the loss and all gradients so. Drop or replace such values when the data is read.":
    "{2} 的 {1} 个数中有 {0} 个{3} {4}：它由数据带入，并使损失和所有梯度都如此。请在读取数据时丢弃或替换这样的值。",
  "it first goes into the graph here": "它首先在此进入计算图",
  "{0} gives {1} here, on the way of the data into the graph: it makes the loss and all gradients so. Keep its input away from where it is not defined.":
    "{0} 在此得到 {1}，位于数据进入计算图的路上：它使损失和所有梯度都如此。请让其输入避开没有定义的地方。",
  "{0} {1} here although {2} is finite: {3}. {4}": "{0} 在此{1}，尽管{2}是有限的：{3}。{4}",
  "gives {0}": "得到 {0}",
  "passes {0} back": "回传 {0}",
  "what goes in": "输入",
  "all that comes in": "传入的全部内容",
  "the number that it is given is {0}": "给它的那个数是 {0}",
  "Look at how that number is computed.": "请检查那个数是如何计算出来的。",
  "its input goes from {0} to {1}": "其输入范围为 {0} 到 {1}",
  "its derivative overflows ({0}), and Infinity times the 0 of a branch that is not taken is NaN":
    "其导数溢出（{0}），而无穷大乘以未取分支的 0 等于 NaN",
  "its derivative is not finite where its input is 0 ({0})": "其导数在输入为 0 处不是有限值（{0}）",
  "the logarithm of {0} ({1})": "{0}的对数（{1}）",
  "a negative number": "负数",
  "the square root of a negative number, or 1 / √0 ({0})": "负数的平方根，或 1 / √0（{0}）",
  "a division by 0": "除以 0",
  "e to a power that is too large ({0})": "e 的幂过大（{0}）",
  "all entries of a row are −∞, so there is nothing to divide by": "某一行的所有元素都是 −∞，因此没有可作除数的值",
  "Add a small number before it, or use a stable form (logSoftmax, logsigmoid, binaryCrossEntropyWithLogits).":
    "请先加上一个小数，或使用稳定的形式（logSoftmax、logsigmoid、binaryCrossEntropyWithLogits）。",
  "Add a small number below the root.": "请在根号内加上一个小数。",
  "Add a small number to what is divided by.": "请给除数加上一个小数。",
  "Clamp what goes in, or use a stable form (logsumexp, softmax).":
    "请对输入做 clamp，或使用稳定的形式（logsumexp、softmax）。",
  "Keep its input away from where it is not defined.": "请让其输入避开没有定义的地方。",
  "the loss is computed here": "损失在此计算",
  "{0} runs over axis {1} of {2}, which has one entry: its result is {3} everywhere, whatever goes in, and no gradient passes. Of one unit take a sigmoid.":
    "{0} 沿 {2} 的轴 {1} 计算，而该轴只有一个元素：无论输入是什么，结果处处为 {3}，梯度无法通过。单个单元请用 sigmoid。",
  "{0} is the last thing before the loss, and gives numbers in {1} only, but {2} of {3} targets lie outside: they go from {4} to {5}. Leave {6} out after the last layer, or bring the targets into its range.":
    "{0} 是损失之前的最后一步，只给出 {1} 内的数，但 {3} 个目标中有 {2} 个在此之外：目标范围为 {4} 到 {5}。请在最后一层之后去掉 {6}，或把目标变换到其范围内。",
  "the loss": "损失",
  "{0} cuts off the negative scores {1} before {2}, which needs them: {3}, and units below 0 get no gradient. Leave {4} out after the last layer.":
    "{0} 在 {2} 之前截去了负的得分 {1}，而 {2} 需要它们：{3}，并且小于 0 的单元得不到梯度。请在最后一层之后去掉 {4}。",
  "no chance can fall below 0.5": "任何概率都不会低于 0.5",
  "a class can at best be called as likely as one with score 0": "一个类别最多只能与得分为 0 的类别同样可能",
  "tanh bounds the scores {0} to (−1, 1) before {1}: no class can get e² = 7.4 times as likely as another. Leave tanh out after the last layer.":
    "tanh 在 {1} 之前把得分 {0} 限制在 (−1, 1) 内：任何类别的可能性都不会超过另一类别的 e² = 7.4 倍。请在最后一层之后去掉 tanh。",
  "{0} is a new tensor that came in the place of {1} after this {2} had taken that: the optimizer moves the old one, and the new one never changes in {3}. Change the parameter in place inside noGrad (copy_), or make the optimizer afterwards.":
    "{0} 是一个新张量，在这个 {2} 取得 {1} 之后取代了它：优化器更新的是旧张量，而新张量在 {3} 中从未改变。请在 noGrad 内原地修改参数（copy_），或在此之后再创建优化器。",
  "the {0} that holds the old tensor": "持有旧张量的 {0}",
  "{0} {1} in {2}, but no optimizer holds {3}, so {4}. Give this {5} {6} too, or freeze {7} with requiresGrad_(false).":
    "{0} 在 {2} 中{1}，但没有优化器持有{3}，因此{4}。请把{6}也交给这个 {5}，或用 requiresGrad_(false) 冻结{7}。",
  "get gradients": "得到梯度",
  "that parameter": "该参数",
  "those parameters": "这些参数",
  "{0}: made here": "{0}：在此创建",
  "No parameter of this {0} ({1}) was part of any backward pass: it holds others than those that the loss is made of.":
    "这个 {0}（{1}）的参数没有一个参与过任何反向传播：它持有的不是构成损失的那些参数。",
  "This {0} stands at {1} places of one container: all of them share one set of weights. Make a new {2} for each place.":
    "这个 {0} 位于同一容器的 {1} 个位置：它们共享同一组权重。请为每个位置创建一个新的 {2}。",
  '"{0}" and "{1}" are one and the same {2}: whatever moves one moves the other at once, so the target never stands still. Make a second {3} and copy the weights with loadStateDict.':
    '"{0}" 和 "{1}" 是同一个 {2}：改变一个就同时改变另一个，因此目标从不静止。请创建第二个 {3}，并用 loadStateDict 复制权重。',
  "made here": "在此创建",
  '{0} "{1}" is called at {2} of one pass, and "{3}", of the same sizes, is never called: one layer stands where both should.':
    '{0} "{1}" 在一次传播中被调用于 {2}，而尺寸相同的 "{3}" 从未被调用：本应是两层的地方只用了一层。',
  '"{0}" is made here': '"{0}" 在此创建',
  "The learning rate fell from {0} to {1}, and the last {2} of {3} of this {4} moved nothing.":
    "学习率从 {0} 降到 {1}，这个 {4} 的 {3} 中最后 {2} 没有任何更新。",
  "{0} Let the schedule take as long as the run: step it once an epoch, or give it more steps.":
    "{0}请让学习率调度与运行一样长：每个 epoch 调用一次，或给它更多的步数。",
  "{0} It is stepped here after each batch, and an epoch has {1}. Step it once an epoch, or give it as many steps as there are batches.":
    "{0}它在此处每个批次之后步进一次，而一个 epoch 有 {1}。请每个 epoch 步进一次，或按批次的总数给它步数。",
  "This {0} comes down within {1} steps, as many as the run has epochs, but it is stepped here after each of {2}: the learning rate is nearly 0 after {3} % of the run, then rises again, and so on. Step it once an epoch, or give it as many steps as there are batches.":
    "这个 {0} 在 {1} 步内降到最低，正好是运行的 epoch 数，但它在此处对每个 epoch 的 {2} 逐一步进：运行到 {3} % 时学习率已接近 0，随后又上升，如此反复。请每个 epoch 步进一次，或按批次的总数给它步数。",
  "the schedule is made here": "学习率调度在此创建",
  "the schedule is stepped here": "学习率调度在此步进",
  "raw scores": "原始得分",
  "probabilities (from {0})": "概率（来自 {0}）",
  "{0} expects logarithms of probabilities, but its input {1} holds {2}: log Σ exp over the classes is {3} where it should be 0. {4}":
    "{0} 需要概率的对数，但其输入 {1} 是{2}：对各类别的 log Σ exp 为 {3}，而它本应为 0。{4}",
  "The loss can sink below 0 without end. Apply F.logSoftmax first{0}.":
    "损失会无止境地降到 0 以下。请先应用 F.logSoftmax{0}。",
  ", or use F.crossEntropy": "，或使用 F.crossEntropy",
  "Use F.logSoftmax in place of {0}.": "用 F.logSoftmax 代替 {0}。",
  "Use F.logSoftmax in place of {0}, or F.crossEntropy on the scores.":
    "用 F.logSoftmax 代替 {0}，或对得分使用 F.crossEntropy。",
  ", or F.crossEntropy on the scores": "，或对得分使用 F.crossEntropy",
  "the scores are made here": "得分在此产生",
  "nllLoss is called here": "在此调用 nllLoss",
  "Call F.crossEntropy, which takes scores, in place of F.nllLoss.": "调用接收得分的 F.crossEntropy，代替 F.nllLoss。",
  "Use {0} in place of {1}.": "用 {0} 代替 {1}。",
  "The targets {0} are joined to {1} here, and the predictions from {2}: the axes stand the other way round, so each prediction is compared with the target of another. Leave out the transposition, or transpose both.":
    "目标 {0} 在此合并为 {1}，而预测来自 {2}：轴的顺序相反，因此每个预测都与另一个的目标比较。请去掉转置，或两者都转置。",
  "the predictions are joined here": "预测在此合并",
  "they are compared here": "它们在此比较",
  "{0} is seen as {1} here: the axis of size {2} gets another place, but view and reshape leave the numbers in their order, so entries of one are mixed with those of others. Use permute or transpose to change the order of axes.":
    "{0} 在此被视为 {1}：大小为 {2} 的轴换了位置，但 view 和 reshape 不改变数的顺序，因此不同条目混在一起。请用 permute 或 transpose 改变轴的顺序。",
  "binaryCrossEntropyWithLogits runs a sigmoid itself, but its input {0} has already passed {1} here: what it takes for chances lies between 0.5 and 0.73, so no example can be called negative. Pass the scores from before {2}, or use binaryCrossEntropy.":
    "binaryCrossEntropyWithLogits 自身会计算 sigmoid，但其输入 {0} 在此已经过 {1}：它当作概率的值在 0.5 到 0.73 之间，因此没有样本能被判为负例。请传入 {2} 之前的得分，或使用 binaryCrossEntropy。",
  "the loss is called here": "在此调用损失函数",
  "{0} runs over axis {1} of {2}, but its result is used along axis {3}: {4}. The numbers along axis {5} do not sum to 1. Take the softmax over axis {6}.":
    "{0} 沿 {2} 的轴 {1} 计算，但其结果沿轴 {3} 使用：{4}。沿轴 {5} 的数之和不为 1。请沿轴 {6} 计算 softmax。",
  "the result is used here": "结果在此使用",
  "Take the softmax over axis {0}.": "沿轴 {0} 计算 softmax。",
  "gather picks one entry of it for each example": "gather 为每个样本从中取一项",
  "{0} sums over it": "{0} 沿它求和",
  "what it weighs is summed over it, for each example by itself": "它所加权的内容对每个样本分别沿该轴求和",
  "{0} picks a class along it": "{0} 沿它选择类别",
  "axis 0 counts examples, and axis 1 the units of the layer before": "轴 0 是样本，轴 1 是前一层的单元",
  "{0} runs a softmax itself, but its input {1} has already passed {2} here: the probabilities of {3} are squeezed a second time, and the loss cannot get near 0. Pass it the scores from before {4}.":
    "{0} 自身会计算 softmax，但其输入 {1} 在此已经过 {2}：{3} 的概率被第二次压缩，损失无法接近 0。请传入 {4} 之前的得分。",
  "{0} is called here": "在此调用 {0}",
  "backward() reaches a graph that an earlier backward() has run and released: {0} here, is used on from one pass to the next. Carry it over with detach(), or compute it anew in each pass. { retainGraph: true } would only hide it: the graph would grow with every pass.":
    "backward() 到达了先前的 backward() 已运行并释放的图：此处的{0}从一次传播用到下一次。请用 detach() 传递它，或在每次传播中重新计算。{ retainGraph: true } 只会掩盖问题：图会随每次传播增长。",
  "what was made": "所产生的内容",
  "Each pass has more nodes than the one before: {0} at first, {1} in pass {2}. Something is carried over from pass to pass with its whole graph, so each backward() goes back to the start. detach() it.":
    "每次传播的节点都比前一次多：开始时为 {0}，第 {2} 次传播时为 {1}。有内容连同整个图从一次传播带到下一次，因此每次 backward() 都会回到开头。请对它 detach()。",
  "The state that an earlier pass has left goes on here, into sequences that have nothing to do with those before: they are picked anew for each pass. What the cells begin with is noise to them. Begin each batch with a state of zeros, or feed the stretches of one sequence in their order.":
    "先前一次传播留下的状态在此继续用于与之前毫无关系的序列：这些序列是为每次传播重新抽取的，单元开始时的状态对它们只是噪声。请让每个批次从零状态开始，或按顺序输入同一序列的各段。",
  "the state goes in here": "状态在此输入",
  "This sets an attribute of the {0} that nobody reads. What was frozen, and stays so, is {1}. Call requiresGrad_(true) on the {0}.":
    "此处设置的是 {0} 的一个无人读取的属性。先前冻结且仍然冻结的是 {1}。请对该 {0} 调用 requiresGrad_(true)。",
  "The inputs are put into an order drawn at random here, and the targets, which were there before, stay in theirs: example i has the target of another. Pick both by the same indices.":
    "输入在此按随机抽取的顺序重新排列，而先前已有的目标仍保持原来的顺序：第 i 个样本得到的是另一个样本的目标。请用相同的索引选取两者。",
  "the targets are made here": "目标在此产生",
  "All of {0} passes that were looked at take the same {1} of {2} examples here, each of them anew: the place never moves on, so the others are never seen. Move the index on, or ask one iterator of the loader for the next batch.":
    "所查看的 {0} 次传播每次都在此重新取出 {2} 个样本中相同的 {1} 个：位置从不前移，因此其余样本从未用到。请移动索引，或从加载器的同一个迭代器取下一批。",
  "Nothing of {0} requires a gradient, so it stays as it was drawn at random, although {1} belongs to the layer right before the loss, and layers before it learn. Leave requiresGrad_(false) out here: freeze what was loaded, near the input.":
    "{0} 均不需要梯度，因此保持随机初始化的值，而 {1} 属于紧邻损失的层，且其之前的层在学习。请在此去掉 requiresGrad_(false)：应冻结靠近输入、已加载的部分。",
  "{0} {1} in evaluation mode in {2} that a gradient was recorded of, and in training mode in {3}: after eval() here nobody called train() again. Call train() before training goes on.":
    "{0} 在 {2} 中{1}处于评估模式而记录了梯度，在 {3} 中处于训练模式：在此处的 eval() 之后没有再调用 train()。请在继续训练之前调用 train()。",
  "{0} was in training mode in {1} inside noGrad whose results were read as numbers: what is measured is noisy, or depends on the rest of the batch. Call eval() before, and train() after.":
    "{0} 在 noGrad 内的 {1} 中处于训练模式，其结果被读作数值：测得的值有噪声，或依赖于批次的其余部分。请在之前调用 eval()，之后调用 train()。",
  "Batch normalisation takes the mean and variance of {0} for each channel here: {1}, whatever goes in. Use larger batches, or layer or group normalisation.":
    "批归一化在此对每个通道的 {0} 求均值和方差：无论输入是什么，{1}。请使用更大的批次，或改用层归一化或组归一化。",
  "the result is 0": "结果为 0",
  "the results are ±1": "结果为 ±1",
  "Dropout sets {0} % of the elements to 0 here, and scales the few that are left up: the layer passes on mostly noise. The argument is the share that is dropped; 0.1 to 0.5 is usual.":
    "Dropout 在此将 {0} % 的元素置 0，并放大剩下的少数元素：该层传递的大部分是噪声。其参数是丢弃的比例；通常为 0.1 到 0.5。",
  "Drop the share that is kept now.": "丢弃现在保留的比例。",
  "{0} of the gradients is {1} as a rule, and is cut to {2} in {3} of {4}: next to nothing is left of any gradient. Choose a limit about as large as the usual {5}.":
    "{0}通常为 {1}，在 {4} 中有 {3} 被裁剪到 {2}：任何梯度都几乎没有剩下。请选择与通常的{5}差不多大的上限。",
  "The norm": "梯度的范数",
  "The largest element": "梯度的最大元素",
  "Raise the limit to {0}, the usual size.": "将上限提高到 {0}，即通常的大小。",
  "The weight decay of this {0} is {1}, and {2} shrank to less than half in {3}: it pulls harder than the loss does, and the network goes to a constant. Try 1e-4 to 1e-2.":
    "这个 {0} 的权重衰减为 {1}，而 {2} 在 {3} 中缩小到不足一半：它的作用强于损失，网络会变成常数。请尝试 1e-4 到 1e-2。",
  "Set weightDecay to 1e-4.": "将 weightDecay 设为 1e-4。",
  "{0}: each step also moves the target towards {1}. Compute it inside noGrad, or detach() it.":
    "{0}：每一步也会把目标移向 {1}。请在 noGrad 内计算它，或对它 detach()。",
  "The target {0} is made by parameters of its own and lets gradient through":
    "目标 {0} 由自身的参数产生，并且让梯度通过",
  "The target {0} is a constant plus {1} times what a network gives, and lets gradient through":
    "目标 {0} 是常数加上网络输出的 {1} 倍，并且让梯度通过",
  "the two are compared here": "两者在此比较",
  "{0} weighs the log-probabilities and lets gradient through to {1}: each step also moves the estimate so as to make the weights of likely actions small. It has an error of its own to learn from. detach() it here.":
    "{0} 是对数概率的权重，并让梯度通过到 {1}：每一步也会移动该估计，使可能动作的权重变小。该估计有自己的误差可供学习。请在此对它 detach()。",
  "the log-probabilities are weighed here": "对数概率在此加权",
  "detach() the target.": "对目标 detach()。",
  "detach() it.": "对它 detach()。",
  "{0} of {1} units of this ReLU are 0 for all {2} inputs of pass {3}{4}: no gradient passes them, so nothing can switch them on again. Lower the learning rate, start biases at 0, or use a leaky ReLU.":
    "这个 ReLU 的 {1} 个单元中有 {0} 个对第 {3} 次传播的全部 {2} 个输入都为 0{4}：梯度无法通过它们，因此没有什么能再次激活它们。请降低学习率，让偏置从 0 开始，或使用 leaky ReLU。",
  " ({0} at the start)": "（开始时为 {0} 个）",
  '"{0}" is put into an order drawn at random here, and "{1}", which was there before, stays in its own: example i has the target of another. Put both into the same order.':
    '"{0}" 在此按随机抽取的次序重排，而此前就有的 "{1}" 保持原来的次序：第 i 个样本得到的是别的样本的目标。请用同一次序重排两者。',
  "{0} of {1} numbers of {2} {3} {4} in the first pass, before anything was learned, and make the loss and all gradients so. Look at what it was drawn, computed or loaded from.":
    "{2} 的 {1} 个数中有 {0} 个在第一次传播中就是 {4}，此时还没有任何学习，它使损失和所有梯度也变成这样。请检查它是如何抽取、计算或加载的。",
  "All weights of {0} start as one number: its units compute the same, get the same gradient, and stay the same. Draw them at random, with nn.init.xavierUniform_ or the default.":
    "{0} 的所有权重从同一个数开始：其各单元计算相同、得到相同的梯度，并保持相同。请用 nn.init.xavierUniform_ 或默认方式随机初始化。",
  "this layer": "该层",
  "The weights of {0} start {1} times as large as would keep the size of what goes in: what follows saturates or overflows. Draw them with nn.init.kaimingUniform_ or xavierUniform_.":
    "{0} 的权重开始时是保持输入大小所需的 {1} 倍：后续各层会饱和或溢出。请用 nn.init.kaimingUniform_ 或 xavierUniform_ 初始化。",
  "the layer is made here": "该层在此创建",
  "The data that goes into this layer has a root mean square of {0} and reaches {1}: weights that are drawn for inputs of about 1 make it saturate or overflow. Subtract the mean and divide by the standard deviation.":
    "进入该层的数据的均方根为 {0}，最大达 {1}：为大约 1 的输入初始化的权重会使其饱和或溢出。请减去均值并除以标准差。",
  "The targets have a root mean square of {0}, and the network starts with outputs of about 1: the first gradients are as many times too large. Divide the targets by their standard deviation.":
    "目标的均方根为 {0}，而网络开始时的输出约为 1：最初的梯度会大相同的倍数。请将目标除以其标准差。",
  "The gradient of {0} is {1} of that of {2}, each compared with its weights: over {3} layers gradients shrink by {4} a layer, so the first do not learn. Use ReLU or its like, normalisation, or residual connections.":
    "{0} 的梯度是 {2} 的梯度的 {1}（各自相对于其权重）：经过 {3} 层，梯度每层缩小 {4}，因此最前面的层学不到东西。请使用 ReLU 之类的激活函数、归一化或残差连接。",
  "the first layer": "第一层",
  "the last": "最后一层",
  "the layer nearest to the loss": "最靠近损失的层",
  "the layer farthest from it": "离损失最远的层",
  "The gradient that arrives {0} layers or time steps before the loss is {1} times as large as the one next to it: it grows by a factor of {2} each. Clip gradients with clipGradNorm_, start the weights smaller or orthogonal, or use a gated cell.":
    "在损失之前 {0} 层（或时间步）处到达的梯度是紧邻损失处的 {1} 倍：每一层增长 {2} 倍。请用 clipGradNorm_ 裁剪梯度，让权重从更小的值或正交矩阵开始，或使用门控单元。",
  "{0} defines a backward method, but a module's backward is never called: gradients follow from the ops in its forward. Write an autograd.Function with static forward and backward, and call {1}.apply.":
    "{0} 定义了 backward 方法，但模块的 backward 永远不会被调用：梯度由其 forward 中的算子得出。请编写带有静态 forward 和 backward 的 autograd.Function，并调用 {1}.apply。",
  "{0} {1}{2}: {3} {4} no gradient and {5} as drawn.": "{0} {1}{2}：{3}没有得到梯度，保持初始值。",
  "is called {0} times, but its result has no part in any loss": "被调用了 {0} 次，但其结果不参与任何损失",
  "is never called": "从未被调用",
  "{0} has no part in any loss: it gets no gradient and stays as drawn.":
    "{0} 不参与任何损失：它得不到梯度，保持初始值。",
  "This exponential enters the loss with a minus, and its exponent with a plus: of a divergence, Σ (μ² + eᵛ − v − 1) / 2, it is the reverse, so each step moves the code away from the prior and the loss falls without end. Turn its sign round.":
    "这个指数以负号进入损失，而其指数部分以正号进入：对于散度 Σ (μ² + eᵛ − v − 1) / 2 正好相反，因此每一步都使编码远离先验，损失无止境地下降。请将其变号。",
  "The loss is the logarithm of the probability of the right class itself: making it smaller makes the right class less likely. Put a minus before it, as nllLoss does.":
    "损失就是正确类别概率的对数本身：使它变小会降低正确类别的可能性。请像 nllLoss 那样在前面加上负号。",
  "The loss is the log-probability of what was done times {0}: making it smaller makes less likely what {1} is high for. Put a minus before it.":
    "损失是所执行动作的对数概率乘以 {0}：使它变小会降低 {1} 较高的动作的可能性。请在前面加上负号。",
  "{0} enters the loss with a minus, so each step makes it larger. Leave out the minus.":
    "{0}以负号进入损失，因此每一步都会使它变大。请去掉负号。",
  "An error": "误差",
  "This {0} goes uphill (maximize: true), and the loss is an error ({1}): each step makes it larger. Leave maximize out.":
    "这个 {0} 沿上升方向更新（maximize: true），而损失是误差（{1}）：每一步都会使它变大。请去掉 maximize。",
  "the error is computed here": "误差在此计算",
  "Set maximize to false.": "将 maximize 设为 false。",
  "{0} of {1} used gradients that an earlier step had used already: {2}":
    "{1} 中有 {0} 使用了先前的步已经用过的梯度：{2}",
  "nothing resets the gradients, so each backward() adds to the sum of all before. Call zeroGrad() of this {0} before each backward().":
    "没有任何操作重置梯度，因此每次 backward() 都累加到之前的总和上。请在每次 backward() 之前调用这个 {0} 的 zeroGrad()。",
  "zeroGrad() was called {0}, not before each backward(), or not for all parameters.":
    "zeroGrad() 被调用了 {0}，但不是在每次 backward() 之前，或不是针对所有参数。",
  "backward() adds to what is there": "backward() 累加到已有的梯度上",
  "zeroGrad() is called here": "在此调用 zeroGrad()",
  "{0} step": "{0} 步",
  "{0} steps": "{0} 步",
  "{0} pass": "{0} 次传播",
  "{0} epoch": "{0} 轮",
  "{0} epochs": "{0} 轮",
  "{0} layer": "{0} 层",
  "{0} layers": "{0} 层",
  "{0} place": "{0} 处",
  "{0} places": "{0} 处",
  "{0} example": "{0} 个样本",
  "{0} examples": "{0} 个样本",
  "{0} batch": "{0} 个批次",
  "{0} batches": "{0} 个批次",
  "{0} update": "{0} 次更新",
  "{0} updates": "{0} 次更新",
  "{0} backward pass": "{0} 次反向传播",
  "{0} backward passes": "{0} 次反向传播",
  "{0} value": "{0} 个值",
  "{0} values": "{0} 个值",
  "{0} element": "{0} 个元素",
  "{0} elements": "{0} 个元素",
  "{0} evaluation": "{0} 次评估",
  "{0} evaluations": "{0} 次评估",
  "{0} node": "{0} 个节点",
  "{0} nodes": "{0} 个节点",
  "{0} op": "{0} 个算子",
  "{0} ops": "{0} 个算子",
  "{0} parameter": "{0} 个参数",
  "{0} parameters": "{0} 个参数",
  "{0} call": "{0} 次调用",
  "{0} calls": "{0} 次调用",
  "what follows takes {0} for a constant": "后续部分把 {0} 当作常数",
  "Leave the {0} out here.": "请去掉此处的 {0}。",
  "it gives plain numbers, and a tensor made of those knows nothing of {0}":
    "它给出普通的数，由它们构成的张量与 {0} 无关",
  "it gives positions, which do not change with small changes of the values": "它给出位置，位置不随值的微小变化而变化",
  "Compute the loss from the scores or probabilities themselves.": "请直接用得分或概率计算损失。",
  "its derivative is zero everywhere": "它的导数处处为零",
  "Compute the loss from the values before they are rounded.": "请用取整之前的值计算损失。",
  "it gives true or false, which do not change with small changes of the values":
    "它给出真或假，不随值的微小变化而变化",
  "Compute the loss from the values before they are compared.": "请用比较之前的值计算损失。",
  "integers have no gradient": "整数没有梯度",
  "Keep the values floating-point up to the loss.": "请在到达损失之前保持浮点数。",
  "{0} ran inside it, so {1} is a constant": "{0} 在其中运行，因此 {1} 是常数",
  "its result": "其结果",
  "Compute what the loss is made of outside of noGrad.": "请在 noGrad 之外计算构成损失的内容。",
  "{0} steps at most": "最多 {0} 步",
  "step() of this {0} was called {1} times, and no parameter had a gradient at any of them: zeroGrad() comes between backward() and step(), or step() before backward(). The order is zeroGrad(), backward(), step().":
    "这个 {0} 的 step() 被调用了 {1} 次，但每一次都没有任何参数有梯度：zeroGrad() 位于 backward() 与 step() 之间，或 step() 在 backward() 之前。顺序应为 zeroGrad()、backward()、step()。",
  "step() of this {0} was called {1} time, and no parameter had a gradient at any of them: zeroGrad() comes between backward() and step(), or step() before backward(). The order is zeroGrad(), backward(), step().":
    "这个 {0} 的 step() 被调用了 {1} 次，但每一次都没有任何参数有梯度：zeroGrad() 位于 backward() 与 step() 之间，或 step() 在 backward() 之前。顺序应为 zeroGrad()、backward()、step()。",
  "{0} of {1} backward passes computed gradients that zeroGrad() threw away before step() could use them: step() of this {2} was called {3} times only. It belongs inside the loop, after each backward().":
    "{1} 次反向传播中有 {0} 次计算的梯度在 step() 使用之前被 zeroGrad() 丢弃：这个 {2} 的 step() 只被调用了 {3} 次。它应在循环之内，位于每次 backward() 之后。",
  "{0} of {1} backward passes computed gradients that zeroGrad() threw away before step() could use them: step() of this {2} was called {3} time only. It belongs inside the loop, after each backward().":
    "{1} 次反向传播中有 {0} 次计算的梯度在 step() 使用之前被 zeroGrad() 丢弃：这个 {2} 的 step() 只被调用了 {3} 次。它应在循环之内，位于每次 backward() 之后。",
  "zeroGrad() was called {0} times, not before each backward(), or not for all parameters.":
    "zeroGrad() 被调用了 {0} 次，但不是在每次 backward() 之前，或不是针对所有参数。",
  "zeroGrad() was called {0} time, not before each backward(), or not for all parameters.":
    "zeroGrad() 被调用了 {0} 次，但不是在每次 backward() 之前，或不是针对所有参数。",
  "This penalty is {0} times as large as the rest of the loss at the start, and {1} times at pass {2}: the steps follow it, whatever the data says. Make its factor smaller, until it is a tenth of the loss or less.":
    "该惩罚项在开始时是损失其余部分的 {0} 倍，在第 {2} 次传播时是 {1} 倍：无论数据如何，更新只跟随惩罚项。请减小其系数，直到它不超过损失的十分之一。",
  "What is generated gets the same label here as where the judge learns to tell it apart, so the generator helps the judge. Ask for the opposite label when the generator learns.":
    "生成的内容在此得到的标签，与判别器学习区分它时的标签相同，因此生成器在帮助判别器。请在生成器学习时要求相反的标签。",
  "the judge learns here": "判别器在此学习",
  "The inputs move on from pass to pass, and the targets are the same stretch of the data each time: example i gets the target of another. Take both from the same place.":
    "输入随每次传播前进，而目标每次都是数据的同一段：样本 i 得到的是另一个样本的目标。请从同一位置取两者。",
  "the tensor": "该张量",
  "A term of the loss": "损失的一项",
  "{0} is added to the loss and passes no gradient: everything that it is made of was cut off by detach() here. What it asks for is never learned. Leave the detach() out.":
    "{0}被加到损失中却不传递梯度：构成它的一切都在此被 detach() 截断。它所要求的永远学不到。请去掉 detach()。",
  "the term is computed here": "该项在此计算",
  "The mean of the code is cut off by detach() here: what is decoded teaches it nothing, and only the divergence moves it, towards 0. Leave the detach() out.":
    "编码的均值在此被 detach() 截断：解码的结果教不会它任何东西，只有散度把它推向 0。请去掉 detach()。",
  "The loss went from {0} to {1} in {2}, and a typical step that is taken here by hand (about {3} times the gradient) changes the weights by {4} % of their size: the steps overshoot. Divide the learning rate by 10 until the loss falls.":
    "损失在 {2} 中从 {0} 变为 {1}，而此处手写的典型一步（约为梯度的 {3} 倍）会使权重改变其大小的 {4} %：步子迈过了头。请将学习率除以 10，直到损失下降。",
  "The targets of {0} are made of {1} itself: each step makes the model surer of what it says already, whatever the right answer is. Pass the targets.":
    "{0} 的目标由 {1} 自身构成：无论正确答案是什么，每一步都使模型更确信它已有的回答。请传入目标。",
  "the difference": "差值",
  "its derivative is not finite where its input is {0} ({1})": "其导数在输入为 {0} 处不是有限值（{1}）",
  "{0} is replaced by a new tensor here, inside noGrad: that requires no gradient, so from now on it never changes. Change it in place: {1}.{2}(…).":
    "{0} 在此于 noGrad 内被一个新张量取代：新张量不需要梯度，因此从此永不改变。请原地修改：{1}.{2}(…)。",
  "{0} is replaced by the result of {1}() here, which is no leaf: its .grad stays null from now on, and the graph of every later pass goes through it. Change it in place, inside noGrad: {2}.{3}(…).":
    "{0} 在此被 {1}() 的结果取代，而那不是叶子张量：其 .grad 从此一直为 null，之后每次传播的图都会经过它。请在 noGrad 内原地修改：{2}.{3}(…)。",
  "{0} is what the prediction is compared with, comes from the same network, and lets gradient through: making everything alike is all that this loss asks for, so the network collapses to one answer. Compute the target inside noGrad, or detach() it.":
    "{0} 是与预测比较的对象，来自同一网络，并且让梯度通过：该损失只要求一切相同，因此网络会坍缩为单一答案。请在 noGrad 内计算目标，或对它 detach()。",
  "The loss is the similarity to {0}, a target that stands still, and nothing else: making it smaller turns the prediction away from it. Put a minus before it.":
    "损失只是与静止目标 {0} 的相似度：使它变小会让预测远离目标。请在前面加上负号。",
  "This loss enters with a minus, and so asks the judge for the same answer as the judge's own loss does: each step makes what is generated easier to tell apart. Leave out the minus.":
    "该损失以负号进入，因此向判别器要求的答案与判别器自身的损失相同：每一步都使生成的内容更容易被区分。请去掉负号。",
  "This moves the parameters along the gradient, uphill, and the loss is an error ({0}): each step makes it larger. Subtract the gradient.":
    "这里沿梯度的上升方向移动参数，而损失是误差（{0}）：每一步都会使它变大。请减去梯度。",
  "Compute what the loss is made of outside of no_grad.": "请在 no_grad 之外计算构成损失的内容。",
  "a plain list": "普通列表",
  "a plain dict": "普通字典",
  "a tensor": "一个张量",
  "{0} of {1} that are taken here by hand used gradients that an earlier step had used already: backward() adds to the sum of all before. Set the gradients to zero after each step: w.grad.zero_(), or w.grad = null.":
    "此处手写的 {1} 步中有 {0} 使用了先前的步已用过的梯度：backward() 会累加到之前的总和上。请在每一步之后把梯度清零：w.grad.zero_()，或 w.grad = null。",
};

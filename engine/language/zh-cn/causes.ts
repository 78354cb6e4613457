import type { Catalogue } from "../translate.ts";

/** What comparisons with finite differences say, their reasons and causes, in Simplified Chinese, by the English sentences. */
export const CAUSES: Catalogue = {
  "not deterministic: {0}": "不确定：{0}",
  "a Function's forward computed what its backward read{0}: the derivative through that is missing in this pass, and in its comparison too; save inputs and outputs alone, and compute the rest again in backward":
    "某个 Function 的 forward 计算了其 backward 所读取的内容{0}：这次传播中缺少经由它的导数，比较中也缺少；请只保存输入和输出，其余在 backward 中重新计算",
  "the backward of {0} cut off what its gradient depends on{1}, and that gradient is differentiated here: the derivative through it is missing in this pass, and in its comparison too; compute it from what saveForBackward kept, without detach or noGrad":
    "{0} 的 backward 切断了其梯度所依赖的内容{1}，而这里对该梯度再次求导：这次传播中缺少经由它的导数，比较中也缺少；请由 saveForBackward 保存的内容计算，不要使用 detach 或 noGrad",
  "backward draws random numbers of its own: they are not those that forward drew; keep the mask or noise of forward on ctx, and use that":
    "backward 自行抽取随机数：它们不是 forward 所抽取的；请把 forward 的掩码或噪声保存在 ctx 上并使用它",
  "between half and one and a half times the recorded ones": "在记录值的 0.5 到 1.5 倍之间",
  "the recorded ones in another order": "次序不同的记录值",
  "the recorded ones, some with the other sign": "记录值，其中一些变号",
  "a hundred times the recorded ones": "记录值的一百倍",
  "a hundredth of the recorded ones": "记录值的百分之一",
  "on inputs that were not recorded: {0}": "在未记录过的输入上：{0}",
  "what backward computes is not differentiated rightly: its own derivative, through the graph it leaves, is not that of the numbers it returns; compute it from what saveForBackward kept, inputs and outputs, without detach or noGrad":
    "backward 所计算的内容没有被正确求导：经由它留下的图得到的导数，不是它所返回数值的导数；请用 saveForBackward 保存的输入和输出来计算，不要使用 detach 或 noGrad",
  "there are no elements to compare": "没有可比较的元素",
  "for {0} alone: {1}": "仅对 {0}：{1}",
  "so is the gradient of {0}": "{0} 的梯度也是如此",
  "input {0}": "输入 {0}",
  "a gradient of zeros does not give zeros": "梯度为零时结果不为零",
  "twice the gradient does not give twice the result": "梯度加倍时结果没有加倍",
  "backward is not linear in the gradient it is given: {0}": "backward 对传入的梯度不是线性的：{0}",
  "{0} holds {1} at {2}: it was not finite before any op ran": "{0} 在 {2} 处为 {1}：在任何算子运行之前它就不是有限值",
  ": it is too large for float32": "：对 float32 而言太大",
  "{0} is NaN at {1}: everything that it is taken over is -Inf, as in a row that a mask hides whole":
    "{0} 在 {1} 处为 NaN：它所归约的全部元素都是 -Inf，例如整行被掩码遮住",
  "{0} is {1} at {2}: infinities meet in it": "{0} 在 {2} 处为 {1}：无穷大在其中相遇",
  "{0} is {1} at {2}, of operands that are finite{3}": "{0} 在 {2} 处为 {1}，而其操作数是有限值{3}",
  "its backward returns {0} at {1}, for a gradient from above that is finite":
    "其 backward 在 {1} 处返回 {0}，而上游梯度是有限值",
  "where its input is {0} (at {1})": "，其输入为 {0}（位于 {1}）",
  "the derivative of {0} is {1} {2}": "{0} 的导数为 {1} {2}",
  "the derivative of {0} is infinite {1}: its gradient is {2}": "{0} 的导数{1}为无穷大：其梯度为 {2}",
  "an infinite derivative times zero: that of {0} is infinite {1}, and 0 comes from above; 0 times infinity is NaN":
    "无穷大的导数乘以零：{0} 的导数{1}为无穷大，而上游传来 0；0 乘以无穷大是 NaN",
  "{0}; keep its input away from there, with clamp or a small epsilon":
    "{0}；请用 clamp 或一个小的 epsilon 让其输入避开那里",
  "{0}. It is the branch not taken: {1} has no use for this element, and its gradient is lost all the same; make the input of {2} safe before it, not its result after it":
    "{0}。这是未被选取的分支：{1} 用不到该元素，但其梯度仍然丢失；请让 {2} 的输入在其之前就安全，而不是在其之后处理结果",
  " in line {0}": "（第 {0} 行）",
  "its only element": "其唯一元素",
  "{0} reaches it: {1}{2} made the first number that is not finite": "它是 {0} 传到这里的：{1}{2} 产生了第一个非有限值",
  "float32 lost precision here: the {0} that the run computed is off by {1} % of its norm":
    "float32 在此损失了精度：运行所计算的 {0} 偏差为其范数的 {1} %",
  ", registered in line {0},": "（在第 {0} 行注册）",
  "this gradient": "此梯度",
  "the gradient of {0}": "{0} 的梯度",
  "a hook{0} changed {1}: what the run computed is not the derivative of the loss":
    "钩子{0}改变了 {1}：运行所计算的不是损失的导数",
  "{0} gave something else in the run than it gives when it is run again": "{0} 在运行时给出的结果与重新运行时不同",
  "a value that backward uses had changed since forward kept it: run again on the recorded inputs, the same backward gives another result":
    "backward 使用的某个值在 forward 保存之后已改变：在记录的输入上重新运行，同一 backward 给出另一个结果",
  "not deterministic: forward gives another result for the same inputs, so there is nothing to compare with":
    "不确定：forward 对相同的输入给出不同的结果，因此没有可比较的基准",
  "forward changes argument {0} in place without markDirty: what backward is given is not what forward was called with":
    "forward 原地修改了参数 {0} 而没有 markDirty：backward 得到的不是 forward 被调用时的输入",
  "not deterministic: backward gives another result for the same gradient":
    "不确定：backward 对相同的梯度给出不同的结果",
  "it passes through {0}, whose forward gives another result for the same inputs":
    "它经过 {0}，而其 forward 对相同的输入给出不同的结果",
  "discontinuous, or a kink too narrow to see: the differences do not settle as the step shrinks":
    "不连续，或不可导点太窄而无法看出：步长缩小时差分并不稳定",
  "overflow: a sample of the function is not finite": "溢出：函数的某个采样值不是有限值",
  "the gradient is {0}, where the function has a derivative": "梯度为 {0}，而函数在此有导数",
  "at a kink: any value between the one-sided derivatives is right": "位于不可导点：两侧导数之间的任何值都是正确的",
  "at a kink of several results: the gradient need not lie between the one-sided derivatives":
    "位于多个结果共同的不可导点：梯度不必介于两侧导数之间",
  "noisy: the error bar is too wide to decide": "噪声：误差限太宽，无法判定",
  "two tests disagree: the gradient differs from the finite difference, yet the remainder shrinks faster than the step":
    "两种检验不一致：梯度与有限差分不同，但余项缩小得比步长快",
  "noisy: the difference from the finite difference is within the rounding of the function":
    "噪声：与有限差分的差异在函数的舍入误差之内",
  "row {0} has not been replayed": "第 {0} 行尚未重放",
  "too slow to compare: {0} runs of {1} took {2} s": "比较太慢：{1} 次运行中的 {0} 次用了 {2} 秒",
  "forward changes argument {0} in place without mark_dirty: what backward is given is not what forward was called with":
    "forward 原地修改了参数 {0} 而没有 mark_dirty：backward 得到的不是 forward 被调用时的输入",
  "at a kink: the op's own rule is another one on either side of the point":
    "位于不可导点：该算子自身的规则在该点两侧不同",
  "negate what backward returns for {0}": "将 backward 为 {0} 返回的值取相反数",
  "multiply what backward returns for {0} by {1}": "将 backward 为 {0} 返回的值乘以 {1}",
  "divide what backward returns for {0} by {1}": "将 backward 为 {0} 返回的值除以 {1}",
  "surrogate = True in its class": "在其类中写 surrogate = True",
  "there is more": "还有其他内容",
  "{0} is missing": "缺少 {0}",
  "a name is missing": "缺少一个名称",
  "an operand is missing": "缺少一个操作数",
  "{0} is no operand": "{0} 不是操作数",
  "computed wrongly: in the run the op passed back another result than it does when it is run again on the recorded inputs":
    "计算有误：该算子在运行时回传的结果，与在记录的输入上重新运行时不同",
  "a route's slab is not where its first one was": "某条路径的数据块不在其第一次所在的位置",
  "at a jump: the gradient is 0 there, as everywhere around it": "位于跳变点：此处梯度为 0，周围也处处如此",
  "noisy: the difference is within the rounding of what is summed up here": "噪声：差异在此处求和内容的舍入误差之内",
  "the function changes too fast: its differences do not settle as the step shrinks":
    "函数变化太快：步长缩小时其差分并不稳定",
  "its result y is used in place of it": "误用了其结果 y 代替它",
  "the square of its result is used in place of it": "误用了其结果的平方代替它",
  "its operand x is used in place of it": "误用了其操作数 x 代替它",
  "the mask of {0}": "{0} 的掩码",
  "the derivative of {0}": "{0} 的导数",
  "{0} is left out: the gradient is passed on there as it is": "漏掉了{0}：梯度在此原样传递",
  "the gradient of {0} goes to every element that it reads, as that of a sum would":
    "{0} 的梯度传给了它读取的每个元素，就像求和的梯度那样",
  "the wrong derivative of {0}: {1}": "{0} 的导数错误：{1}",
  "the derivative of {0} is applied twice": "{0} 的导数被应用了两次",
  "{0} must be undone: backward applies it to the gradient once more, instead of its transpose":
    "{0} 必须被还原：backward 对梯度再应用了一次它，而不是它的转置",
  "the axes that {0} puts in another order are not put back: backward reshapes the gradient, which mixes elements up":
    "{0} 所调换的轴没有换回：backward 对梯度做 reshape，使元素混在一起",
  "the gradient of {0} is averaged over axis {1}, where it must be summed": "{0} 的梯度沿轴 {1} 求了平均，而它应求和",
  "the gradient of {0} is not summed over axis {1}: only the first entry is used":
    "{0} 的梯度没有沿轴 {1} 求和：只用了第一项",
  "the gradient of {0} is not summed over axis {1}: only the last entry is used":
    "{0} 的梯度没有沿轴 {1} 求和：只用了最后一项",
  "the gradient of {0} is summed over axis {1}, where {2} belongs": "{0} 的梯度沿轴 {1} 求和，而应沿 {2}",
  "{0} goes along axis {1}, its backward along axis {2}": "{0} 沿轴 {1} 进行，而其 backward 沿轴 {2}",
  "in the gradient of {0}, what belongs to operand {1} is used for operand {2}":
    "在 {0} 的梯度中，属于操作数 {1} 的内容被用于操作数 {2}",
  "the gradient of the result of {0} is transposed before it is used, or should be":
    "{0} 的结果的梯度在使用前被转置了，或应当转置",
  "in the gradient of {0}, its result is used where its transpose belongs, or the reverse":
    "在 {0} 的梯度中，其结果被用在应为其转置的地方，或相反",
  "what belongs to {0} is used for {1}, and the reverse": "属于 {0} 的梯度被用于 {1}，反之亦然",
  "backward is that of a forward without the number {0}, which stands in {1}":
    "backward 对应的是没有数 {0} 的 forward，该数出现在 {1}",
  "the local derivative is {0} too large wherever it is wrong: a constant term in it is wrong, or left out":
    "凡有错之处，局部导数都偏大 {0}：其中的某个常数项写错或遗漏了",
  "the local derivative is {0} too small wherever it is wrong: a constant term in it is wrong, or left out":
    "凡有错之处，局部导数都偏小 {0}：其中的某个常数项写错或遗漏了",
  "the mask of {0} is used inverted": "{0} 的掩码被反过来使用",
  "is not looked at: the gradient is that of one branch alone, for every element":
    "未被查看：对每个元素，梯度都只是其中一个分支的",
  "the condition of {0} {1}, the first": "{0} 的条件{1}（第一个）",
  "the condition of {0} {1}, the second": "{0} 的条件{1}（第二个）",
  "in the gradient of {0}, {1} is used where its transpose belongs, or the reverse":
    "在 {0} 的梯度中，{1} 被用在应为其转置的地方，或相反",
  "in the gradient of {0}, {1} is turned around along {2}, or should be":
    "在 {0} 的梯度中，{1} 沿{2}被翻转了，或应当翻转",
  "its last axis": "其最后一个轴",
  "its last axis but one": "其倒数第二个轴",
  "its last two axes": "其最后两个轴",
  "in the gradient of {0}, {1} is used where {2} belongs": "在 {0} 的梯度中，在应为 {2} 的地方用了 {1}",
  "in the gradient of {0}, the factor {1} is left out": "在 {0} 的梯度中，漏掉了因子 {1}",
  "the square root of the local derivative is used": "误用了局部导数的平方根",
  ", where {0} belongs": "，而此处应为 {0}",
  ", which is not the local derivative": "，它不是局部导数",
  "the local derivative is left out: the gradient from above is passed on {0}{1}":
    "漏掉了局部导数：上游梯度被{0}传递{1}",
  "as it is": "原样",
  "times {0}": "乘以 {0} 后",
  "the wrong local derivative: the gradient from above is multiplied by {0}{1}": "局部导数错误：上游梯度乘以了 {0}{1}",
  "a term of the local derivative is missing, or a factor in it is wrong: {0} · {1} is to be added":
    "局部导数缺少一项，或其中一个因子有错：应加上 {0} · {1}",
  "{0} is used in place of {1}": "误用了 {0} 代替 {1}",
  "{0} is left out": "漏掉了 {0}",
  "1 − {0} is used in place of {1}": "误用了 1 − {0} 代替 {1}",
  "1 + {0}² is used in place of {1}": "误用了 1 + {0}² 代替 {1}",
  "{0}² is used in place of {1}": "误用了 {0}² 代替 {1}",
  "{0} is applied twice": "{0} 被应用了两次",
  "v (1 − v) is taken at {0}, where σ({1}) belongs": "在 {0} 处取了 v (1 − v)，而应取 σ({1})",
  "1 − v² is taken at {0}, where tanh({1}) belongs": "在 {0} 处取了 1 − v²，而应取 tanh({1})",
  "{0} is taken at {1}({2}) instead of {3}": "{0} 取在 {1}({2}) 处，而不是 {3} 处",
  "tanh′ is used in place of {0}": "误用了 tanh′ 代替 {0}",
  "σ′ is used in place of {0}": "误用了 σ′ 代替 {0}",
  "the wrong local derivative by {0}: {1}": "{0} 的局部导数错误：{1}",
  "indices {0} along axis {1}": "沿轴 {1} 的索引 {0}",
  "; there backward returns {0} the gradient": "；在那里 backward 返回梯度的 {0}",
  "only some elements are wrong: {0} of {1}, at {2}; the others are right{3}":
    "只有部分元素有错：{1} 个中的 {0} 个，位于 {2}；其余正确{3}",
  "a small relative error: backward returns {0} the gradient, off by up to {1} %, as a rounded constant, an approximation, or an epsilon that is not in both forward and backward would make it":
    "相对误差很小：backward 返回梯度的 {0}，偏差最多 {1} %，如同舍入过的常数、近似值，或 forward 与 backward 中不同时存在的 epsilon 所致",
  " (the first along axis {0})": "（沿轴 {0} 的第一个）",
  " (the last along axis {0})": "（沿轴 {0} 的最后一个）",
  "{0} times": "{0} 倍",
  "{0} to {1} times": "{0} 到 {1} 倍",
  "{0} examined": "受检的 {0}",
  "{0} of {1} of the gradient of {2} are wrong": "{2} 的梯度中 {1} 个有 {0} 个错误",
  "{0} of {1} of the gradient of {2} are wrong: {3} what they must be, {4} in the middle":
    "{2} 的梯度中 {1} 个有 {0} 个错误：为应有值的 {3}，中位数为 {4}",
  "{0} of {1} compared of the gradient of {2} are wrong": "{2} 的梯度中比较过的 {1} 个有 {0} 个错误",
  "{0} of {1} compared of the gradient of {2} are wrong: {3} what they must be":
    "{2} 的梯度中比较过的 {1} 个有 {0} 个错误：为应有值的 {3}",
  "what comes from some elements of the result is left out; what comes from the others is right":
    "漏掉了来自结果中一些元素的部分；来自其余元素的部分正确",
  "what comes from {0} of the result is left out, first at {1}; what comes from the others is right":
    "漏掉了来自结果中 {0} 的部分，首个位于 {1}；来自其余元素的部分正确",
  "in the gradient, {0} is turned around along {1}, or should be: it must be read as forward reads it":
    "在梯度中，{0} 沿{1}被翻转，或本应翻转：必须按 forward 的读法使用它",
  "the derivative of {0} is taken at {1}, where it must be taken at {2}": "{0} 的导数取在 {1} 处，而必须取在 {2} 处",
  "some elements of {0}": "{0} 的一些元素",
  "some columns of {0}": "{0} 的一些列",
  "some rows of {0}": "{0} 的一些行",
  "some indices of {0} along axis {1}": "{0} 沿轴 {1} 的一些索引",
  "no finite number": "不是有限值",
  "backward returns {0} for {1} of {2} elements": "backward 对 {2} 个元素中的 {1} 个返回 {0}",
  "backward returns {0} for {1}, which needs a gradient: none of it arrives":
    "backward 为需要梯度的 {1} 返回 {0}：没有梯度到达",
  "; if that is meant, as in a straight-through estimator or a gradient reversal, say so with {0}":
    "；如果有意如此（例如直通估计或梯度反转），请用 {0} 说明",
  "; if that is meant, say so with {0}": "；如果有意如此，请用 {0} 说明",
  "append {0} to what backward returns for {1}": "在 backward 为 {1} 返回的值之后追加 {0}",
  "multiply what backward returns with {0}": "将 backward 返回的值乘以 {0}",
  "write {0}{1}": "请写 {0}{1}",
  ", y being the result": "，y 为结果",
  "in {0} alone, {1}": "仅在 {0} 中，{1}",
  "only {0} are wrong: {1}": "只有 {0} 有错：{1}",
  "only what comes from the {0} output is wrong": "只有来自第 {0} 个输出的部分有错",
  "of the {0} output": "第 {0} 个输出的",
  "the gradient of the {0} output is ignored": "忽略了第 {0} 个输出的梯度",
  "no single mistake explains the difference; {0}": "没有单一的错误能解释该差异；{0}",
  "the mask is made of the gradient from above: where that changes its sign, other elements are blocked; it must be made of the input":
    "掩码由上游梯度产生：梯度变号时会遮住不同的元素；它必须由输入产生",
  "blocked at {0} where it must pass": "在应通过的 {0} 处被遮住",
  "passed at {0} where it must not": "在不应通过的 {0} 处通过",
  "the mask is wrong: the gradient is {0}, first at {1}": "掩码有错：梯度{0}，首先位于 {1}",
  "backward returns zeros for {0}, of which the result depends": "backward 为 {0} 返回零，而结果依赖于它",
  "only some elements get their gradient: {0} of {1} get none, first at {2}":
    "只有部分元素得到了梯度：{1} 个中有 {0} 个没有得到，首先位于 {2}",
  "not all contributions are added up: where several elements of the result come from one, only that of the first is there":
    "没有累加全部贡献：结果的多个元素来自同一元素时，只有第一个的贡献",
  "contributions are overwritten instead of accumulated: where several belong to one element, only the last is there":
    "贡献被覆盖而不是累加：多个贡献属于同一元素时，只留下最后一个",
  "a constant is missing at one element of each row: {0} is to be added there, as the one-hot of a target would":
    "每行有一个元素缺少一个常数：应在那里加上 {0}，就像目标的独热编码那样",
  "the gradient from above is not summed over axis {0}, along which the input was repeated: only the {1} of {2} entries is used":
    "上游梯度没有沿轴 {0}（输入沿它重复）求和：{2} 项中只用了{1}一项",
  "sum over axis {0}: .sum({1})": "沿轴 {0} 求和：.sum({1})",
  "contributions are overwritten instead of accumulated: only that of the {0} of {1} entries along axis {2} is there":
    "贡献被覆盖而不是累加：沿轴 {2} 的 {1} 项中只有{0}一项",
  "what comes from entry {0} along axis {1} of the result is left out": "漏掉了来自结果沿轴 {1} 第 {0} 项的部分",
  "only the {0} half of the result along axis {1} is taken into account": "只考虑了结果沿轴 {1} 的{0}一半",
  "the gradient from above is not summed over axis {0}, along which the input was repeated: only entry {1} of {2} is used":
    "上游梯度没有沿轴 {0}（输入沿它重复）求和：{2} 项中只用了第 {1} 项",
  "{0} in line {1}": "{0}（第 {1} 行）",
  "the result of {0}": "{0} 的结果",
  "the gradient of {0} is wrong: {1}": "{0} 的梯度有误：{1}",
  "the sum in it lacks the factor y: Σ grad stands where Σ grad · y belongs":
    "其中的求和缺少因子 y：应为 Σ grad · y 处写成了 Σ grad",
  "Σ grad · y is not subtracted from grad": "没有从 grad 中减去 Σ grad · y",
  "its Jacobian is taken as the diagonal y (1 − y)": "把其雅可比矩阵当作对角线 y (1 − y)",
  "the factor y before grad − Σ grad · y is left out": "漏掉了 grad − Σ grad · y 之前的因子 y",
  "Σ grad · y is added, where it must be subtracted": "加上了 Σ grad · y，而应减去它",
  "Σ grad · y is subtracted without the factor y": "减去 Σ grad · y 时漏掉了因子 y",
  "the probabilities are subtracted without the factor Σ grad": "减去概率时漏掉了因子 Σ grad",
  "its result is used where its exponential, the probabilities, belongs": "在应为其指数（即概率）处误用了其结果",
  "the probabilities times Σ grad are added, where they must be subtracted": "加上了概率与 Σ grad 的乘积，而应减去它",
  "its Jacobian is taken as the diagonal 1 − p, p being the probabilities":
    "把其雅可比矩阵当作对角线 1 − p，其中 p 是概率",
  "in the gradient of {0}, the two matrices are multiplied in the wrong order":
    "在 {0} 的梯度中，两个矩阵相乘的次序颠倒了",
  "in the gradient of {0}, the two matrices are multiplied in the wrong order, and that of forward is not transposed":
    "在 {0} 的梯度中，两个矩阵相乘的次序颠倒了，且 forward 的矩阵没有转置",
  "the {0} that {1} adds is left out: {2} is used where {3} belongs": "漏掉了 {1} 所加的 {0}：在应为 {3} 处误用了 {2}",
  "the {0} that {1} adds is there too often: {2} is used where {3} belongs":
    "{1} 所加的 {0} 多加了一次：在应为 {3} 处误用了 {2}",
  "the {0} that {1} adds to a root, backward adds under the root":
    "{1} 加在平方根之外的 {0}，backward 却加在了根号之内",
  "the {0} that {1} adds under a root, backward adds to the root":
    "{1} 加在根号之内的 {0}，backward 却加在了平方根之外",
  "what comes to {0} through {1} is overwritten in every turn of the loop where it must be added up: only that of the {2} turn in forward is left":
    "经由 {1} 传到 {0} 的部分在循环的每一轮都被覆盖，而它应当累加：只留下了 forward 中{2}一轮的",
  "the derivative is taken at {0}, where it must be taken at {1}: backward reads the wrong value, or one that was written over":
    "导数取在 {0} 处，而应取在 {1} 处：backward 读取了错误的值，或已被改写的值",
  "the two halves of the gradient along axis {0} are in each other's place": "梯度沿轴 {0} 的两半互换了位置",
  "its result": "其结果",
  "what comes from the {0} output has the wrong sign": "来自第 {0} 个输出的部分符号错误",
  "what comes from the {0} output is {1} what it must be": "来自第 {0} 个输出的部分为应有值的 {1}",
  "{0}, an operand of {1},": "{0}（{1} 的操作数）",
  "what comes through {0} is left out, as if it were a constant": "漏掉了经由 {0} 的部分，好像它是常数",
  "what comes through {0} has the wrong sign": "经由 {0} 的部分符号错误",
  "what comes through {0} is {1} what it must be": "经由 {0} 的部分为应有值的 {1}",
  "the factor {0} is left out": "漏掉了因子 {0}",
  "a division by {0} is left out": "漏掉了除以 {0}",
  "{0}: every element of the gradient lacks it": "{0}：梯度的每个元素都缺少它",
  "the gradients of the two outputs are swapped: that of the second is used for the first, and the reverse":
    "两个输出的梯度互换了：第二个的被用于第一个，反之亦然",
  " along axis {0}": "（沿轴 {0}）",
  "the Jacobian of softmax is taken as its diagonal y (1 − y): every probability{0} depends on every score":
    "把 softmax 的雅可比矩阵当作其对角线 y (1 − y)：每个概率{0}都依赖于每个得分",
  "only the diagonal of the Jacobian is used: each element of the result depends on the other elements{0} as well":
    "只用了雅可比矩阵的对角线：结果的每个元素也依赖于其他元素{0}",
  "the term through elements at other places is missing: each element of the result depends on those as well":
    "缺少经过其他位置元素的项：结果的每个元素也依赖它们",
  "the term through the sum or mean{0} is missing: each element of the result depends on the other elements as well":
    "缺少经由求和或求均值{0}的一项：结果的每个元素也依赖于其他元素",
  "what comes through the other elements{0} has the wrong sign": "经由其他元素{0}的部分符号错误",
  "a factor in one term of the sum is wrong: what comes through the other elements{0} is {1} what it must be":
    "求和中某一项的因子有错：经由其他元素{0}的部分为应有值的 {1}",
  "the sum or mean in backward runs over axis {0}, that of forward over axis {1}":
    "backward 中的求和或求均值沿轴 {0}，而 forward 中沿轴 {1}",
  "two sums or means in backward run over axis {0}, those of forward over axis {1}":
    "backward 中的两个求和或求均值沿轴 {0}，而 forward 中的沿轴 {1}",
  "the inputs are swapped: what backward returns for {0} belongs to {1}":
    "输入互换了：backward 为 {0} 返回的值属于 {1}",
  "the gradient is reshaped where it must be transposed: its elements come in another order":
    "梯度在应转置处被 reshape：其元素的次序不同",
  "the result is transposed: backward returns the transpose of the gradient": "结果被转置：backward 返回了梯度的转置",
  "a transpose is missing or too many: backward uses {0} where its transpose belongs":
    "缺少或多了一次转置：backward 在应为其转置处使用了 {0}",
  "the gradient from above is summed over the wrong axis: axes {0} and {1} of the result are confused":
    "上游梯度沿错误的轴求和：结果的轴 {0} 与轴 {1} 混淆了",
  "the gradient from above is transposed: axes {0} and {1} have changed places before it is used":
    "上游梯度被转置：使用之前轴 {0} 与轴 {1} 互换了位置",
  "backward returns the gradient of {0} for {1} as well": "backward 为 {1} 也返回了 {0} 的梯度",
  "the gradient goes to the wrong elements: {0} of {1} gets that of {2} of the result, where that of {3} belongs":
    "梯度传到了错误的元素：{1} 的 {0} 得到了结果的 {2} 的梯度，而应得到 {3} 的",
  "the gradient is shifted by {0} within each group of {1} along axis {2}: each element gets that of its neighbour":
    "梯度在轴 {2} 上每 {1} 个一组之内错开了 {0}：每个元素得到的是其邻居的梯度",
  "axis {0} is split into axes of which those of sizes {1} and {2} are in each other's place: the gradient's elements come in another order along it":
    "轴 {0} 被拆成几个轴，其中大小为 {1} 与 {2} 的两个互换了位置：梯度的元素沿该轴以另一种顺序出现",
  "the gradient is shifted by {0} along axis {1}: each element gets that of its neighbour":
    "梯度沿轴 {1} 错开了 {0}：每个元素得到的是其邻居的梯度",
  "the gradient is turned around along axes {0} and {1}": "梯度沿轴 {0} 与轴 {1} 翻转了",
  "the gradient is turned around along axis {0}: backward must flip it as forward flips its input":
    "梯度沿轴 {0} 翻转了：forward 翻转其输入，backward 也必须翻转它",
  "backward does to the gradient what forward does to {0}, where the transpose of that belongs: what turns one way must be turned back":
    "backward 对梯度做了 forward 对 {0} 所做的操作，而应做其转置：朝一个方向转过去的必须转回来",
  "the gradient from above is rotated, flipped or shifted before it is multiplied, where it must be after: each element uses the factor of its own place instead of that of the place the gradient comes from; multiply first, then move it back":
    "上游梯度在相乘之前被旋转、翻转或错开，而这应在相乘之后：每个元素用了自己位置的因子，而不是梯度来源位置的因子；请先相乘，再移回",
  "the sign is wrong: backward returns minus the gradient, for every element":
    "符号错误：对每个元素，backward 都返回梯度的相反数",
  "backward returns {0} times the gradient, for every element: a division by that size is missing ({1})":
    "对每个元素，backward 都返回梯度的 {0} 倍：缺少除以该大小（{1}）",
  "backward returns 1/{0} of the gradient, for every element: it is divided by that size once too often ({1})":
    "对每个元素，backward 都返回梯度的 1/{0}：多除了一次该大小（{1}）",
  "√{0} times": "√{0} 倍",
  "{0} of": "{0}",
  "a factor 1/√{0} is left out": "漏掉了因子 1/√{0}",
  "a factor 1/√{0} is applied once too often": "因子 1/√{0} 多用了一次",
  "a constant factor is off: backward returns {0} the gradient, for every element: {1} ({2})":
    "常数因子有误：对每个元素，backward 都返回梯度的 {0}：{1}（{2}）",
  "backward returns {0}/{1} of the gradient, for every element: it divides by {2} ({3}) where {4} ({5}) belongs":
    "对每个元素，backward 都返回梯度的 {0}/{1}：它除以了 {2}（{3}），而应除以 {4}（{5}）",
  "backward returns {0}/{1} of the gradient, for every element: {2}": "对每个元素，backward 都返回梯度的 {0}/{1}：{2}",
  "it divides by {0} ({1}) where {2} belongs, as in an unbiased variance":
    "它除以了 {0}（{1}），而应除以 {2}，如同无偏方差那样",
  "it divides by {0} where {1} ({2}) belongs, as in a biased variance":
    "它除以了 {0}，而应除以 {1}（{2}），如同有偏方差那样",
  "the size of axis {0} of {1}": "{1} 的轴 {0} 的大小",
  "the size of axis {0} of the result": "结果的轴 {0} 的大小",
  "the number of elements of {0}": "{0} 的元素个数",
  "the number of elements of the result": "结果的元素个数",
  "the sizes of axes {0} and {1} of the result together": "结果的轴 {0} 与轴 {1} 的大小之积",
  "a small relative error: backward returns {0} times the gradient, for every element, as a rounded constant would make it":
    "相对误差很小：对每个元素，backward 都返回梯度的 {0} 倍，如同舍入过的常数所致",
  "each row of the gradient of {0} has a factor of its own: it is {1} what it must be, as where a size or a sum is not that of its row":
    "{0} 的梯度的每一行有各自的因子：为应有值的 {1}，如同某个大小或总和不是该行自己的",
  "a constant factor is off: backward returns {0} the gradient, for every element":
    "常数因子有误：对每个元素，backward 都返回梯度的 {0}",
  "a term of the sum is missing: the local derivative is {0}, and {1} is left out":
    "求和中缺少一项：局部导数为 {0}，而漏掉了 {1}",
  "a factor in one term of the sum is wrong: the local derivative is {0}, and backward has {1} for {2}":
    "求和中某一项的因子有错：局部导数为 {0}，而 backward 以 {1} 代替了 {2}",
  "a term of the sum is missing, or has the wrong factor: {0} is to be added to the local derivative":
    "求和中缺少一项，或其因子有错：应给局部导数加上 {0}",
  "{0} elements": "{0} 个元素",
  "the local derivative is left out: the gradient from above is passed on as it is":
    "漏掉了局部导数：上游梯度被原样传递",
  "the local derivative is applied twice": "局部导数被应用了两次",
  "the gradient is divided by the local derivative instead of multiplied": "梯度除以了局部导数，而不是乘以它",
  "the result y": "结果 y",
  "σ (1 − σ) is taken at the input, where the output belongs": "σ (1 − σ) 取在输入处，而应取在输出处",
  "1 − x² is used: the derivative of tanh takes the output, not the input":
    "用了 1 − x²：tanh 的导数用的是输出，而不是输入",
  "the input": "输入",
  "1 − tanh² y is used: tanh is applied twice": "用了 1 − tanh² y：tanh 被应用了两次",
  "σ(y) (1 − σ(y)) is used: the sigmoid is applied twice": "用了 σ(y) (1 − σ(y))：sigmoid 被应用了两次",
  "the sign of x": "x 的符号",
  "{0}: {1} is right": "{0}：{1} 才正确",
  "left out": "漏掉了",
  "applied twice": "应用了两次",
  "divided by instead of multiplied with": "做了除法而不是乘法",
  "a factor y, the result itself,": "因子 y（结果本身）",
  "the derivative of the outer function ({0})": "外层函数的导数（{0}）",
  "the path that passes the input on directly is missing: the gradient from above is to be added":
    "缺少直接传递输入的路径：应加上上游梯度",
  "the term through the mean or sum": "经由均值或总和的一项",
  "the term through the mean square or norm": "经由均方或范数的一项",
  "the term through the normalising sum (along the result)": "经由归一化总和的一项（沿结果）",
  "the term through the normalising sum": "经由归一化总和的一项",
  "the term through the sum of exponentials": "经由指数之和的一项",
  "a term through the mean or the variance": "经由均值或方差的一项",
  "one number": "一个数",
  "a multiple of {0}": "{0} 的倍数",
  "a multiple of the result": "结果的倍数",
  "a multiple of exp of the result": "结果的 exp 的倍数",
  "a multiple of exp({0})": "exp({0}) 的倍数",
  "one number and a multiple of {0}": "一个数与 {0} 的倍数",
  "what backward returns is off by {0} in each row, as where {1} is missing, or has another factor":
    "backward 返回的值在每一行中偏差{0}，如同缺少{1}，或其因子不同",
  "what backward returns is off by {0} in each column, as where {1} over the first axis is missing, or has another factor":
    "backward 返回的值在每一列中偏差{0}，如同缺少{1}（沿第一个轴），或其因子不同",
  "a term of the product rule is missing: the second factor depends on the input too":
    "缺少乘积法则的一项：第二个因子也依赖于输入",
  "a term of the product rule is missing: the input itself is a factor as well":
    "缺少乘积法则的一项：输入本身也是一个因子",
  "in which the second factor is differentiated": "其中对第二个因子求导的",
  "in which the input itself is": "其中对输入本身求导的",
  "a factor in one term of the sum is wrong: the term of the product rule {0} comes {1} what it must be":
    "求和中某一项的因子有错：乘积法则中{0}一项为应有值的 {1}",
  "a term of the sum is missing: one in which the gradient from above is multiplied by the values":
    "求和中缺少一项：上游梯度与各值相乘的那一项",
  "it is squared: twice the gradient gives four times the result": "它被平方：梯度加倍时结果变为四倍",
  "its sign is dropped: minus the gradient gives the same result": "其符号被丢弃：梯度取相反数时结果不变",
  "only its sign or its direction is used: twice the gradient gives the same result":
    "只用了它的符号或方向：梯度加倍时结果不变",
  "in the gradient, {0} is transposed, or should be: it must be read as forward reads it":
    "在梯度中，{0} 被转置了，或者应当转置：必须按 forward 读取它的方式读取",
  "in the gradient of {0}, Σ grad · y runs over axis {1} of its result, where {2} belongs":
    "在 {0} 的梯度中，Σ grad · y 沿其结果的轴 {1} 求和，而应当沿轴 {2}",
  "every element of the local derivative is {0} too large: a number is added that does not belong there, or left out":
    "局部导数的每个元素都偏大 {0}：多加了一个不该有的数，或漏掉了一个数",
  "every element of the local derivative is {0} too small: a number is added that does not belong there, or left out":
    "局部导数的每个元素都偏小 {0}：多加了一个不该有的数，或漏掉了一个数",
  "it is clipped: twice the gradient gives no more": "它被裁剪：梯度加倍时结果不再增加",
  "it is clipped: at some elements twice the gradient gives no more": "它被裁剪：某些元素处梯度加倍时结果不再增加",
  "the gradient from above is ignored: backward returns the local derivative alone, not multiplied by grad":
    "忽略了上游梯度：backward 只返回局部导数，没有乘以 grad",
  "all its elements": "其全部元素",
  "axis {0}": "轴 {0}",
  "the gradient from above is {0} too early: over {1}, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum":
    "上游梯度过早地{0}：沿{1}，在乘以局部导数之前，而局部导数在那里并不相同；请先逐元素相乘，再求和",
  "{0} is used in place of it, y being its result": "误用了 {0} 代替它（y 为其结果）",
  "{0} is used in place of it, x being its operand": "误用了 {0} 代替它（x 为其操作数）",
  "{0} is used in place of the local derivative": "误用了 {0} 代替局部导数",
  first: "第一",
  last: "最后",
  second: "第二",
  summed: "求和",
  averaged: "求平均",
  "1 element": "1 个元素",
  "some elements": "一些元素",
  "the result": "结果",
  "the first": "第一个",
  "the second": "第二个",
  "intended: {0}": "有意为之：{0}",
  "its value": "其值",
  "its gradient": "其梯度",
  "the input itself": "输入本身",
  zero: "零",
  nothing: "空值",
  "{0} depends on it, and cannot be run again: {1}": "{0} 依赖于它，且无法重新运行：{1}",
  "the factor ": "因子 ",
  "the division by ": "除以 ",
  "division by": "除以",
  "{0} is used where {1} belongs": "在应为 {1} 的地方用了 {0}",
  "in the gradient, {0}": "在梯度中，{0}",
  "softmax({0}) along axis {1}": "沿轴 {1} 的 softmax({0})",
  "logSoftmax({0}) along axis {1}": "沿轴 {1} 的 logSoftmax({0})",
  ", which lacks the factor {0}{1}": "，其中缺少因子 {0}{1}",
  "the factor {0} is left out: every element of the gradient lacks it": "漏掉了因子 {0}：梯度的每个元素都缺少它",
  "a division by {0} is left out: every element of the gradient lacks it": "漏掉了除以 {0}：梯度的每个元素都缺少它",
  "every element of the gradient is multiplied by {0} where it must be divided":
    "梯度的每个元素都乘以了 {0}，而应除以它",
  "every element of the gradient is divided by {0} where it must be multiplied":
    "梯度的每个元素都除以了 {0}，而应乘以它",
  "a factor √{0} is left out: every element of the gradient lacks it": "漏掉了因子 √{0}：梯度的每个元素都缺少它",
  "a division by √{0} is left out: every element of the gradient lacks it": "漏掉了除以 √{0}：梯度的每个元素都缺少它",
  "a power of {0} / {1}": "{0} / {1} 的幂",
  "every element of the gradient has one of two results of {0} where the other belongs":
    "梯度的每个元素都用了 {0} 的两个结果之一，而应用另一个",
  "every element of the gradient is off by the factor {0}: it is divided by {1} where {2} belongs, or multiplied the other way round":
    "梯度的每个元素都差一个因子 {0}：它除以了 {1}，而应除以 {2}，或乘法相反",
  "what comes through {0} must be {1} by {2}, and is not": "经由 {0} 的部分必须{1} {2}，却没有",
  multiplied: "乘以",
  divided: "除以",
  "a constant, as the one-hot of a target, is at the wrong element of {0} rows: {1} gets it at {2}, where {3} belongs":
    "一个常数（如目标的独热编码）在 {0} 行中位于错误的元素：{1} 在 {2} 处得到它，而应在 {3} 处",
  "the sign is wrong": "符号错误",
  "a factor is off: backward returns {0} the gradient": "因子有误：backward 返回梯度的 {0}",
  "in {0} of {1} elements alone{2}, {3}; the others are right, as where one of several branches is wrong":
    "仅在 {1} 个元素中的 {0} 个里{2}，{3}；其余正确，如同多个分支之一有错",
  "{0}, in every turn of the loop": "{0}（在循环的每一轮中）",
  "what comes through {0} is left out, in every turn of the loop": "在循环的每一轮中漏掉了经由 {0} 的部分",
  "has the wrong sign": "符号错误",
  "is {0} times what it must be": "为应有值的 {0} 倍",
  "what comes through {0} {1}, in every turn of the loop": "在循环的每一轮中，经由 {0} 的部分{1}",
  "that of the next turn of the loop": "循环下一轮的值",
  "that of the turn before": "前一轮的值",
  "that of the turns in the reverse order": "各轮次序相反的值",
  "in the gradient of {0}, the value of another turn of the loop is used: for {1}, {2}":
    "在 {0} 的梯度中，用了循环另一轮的值：对 {1}，{2}",
  "what each element of the result passes to the element at its own place is left out: the sum in backward stops one short":
    "漏掉了结果的每个元素传给自身位置元素的部分：backward 中的求和少了一项",
  "the sum along axis {0} runs in the direction of that in forward, where it must run the other way: from the end, as flip, cumsum and flip do":
    "沿轴 {0} 的求和方向与 forward 相同，而应相反：从末尾开始，如 flip、cumsum、flip 那样",
  "the place that the gradient comes from": "梯度的来源位置",
  "the place that it goes to": "梯度的去向位置",
  "multiply first, then sum": "请先相乘，再求和",
  "sum first, then multiply": "请先求和，再相乘",
  "each contribution is multiplied with the factor of {0}, where that of {1} belongs: {2}":
    "每个贡献都乘以了{0}的因子，而应为{1}的因子：{2}",
  "the gradient goes to the wrong elements: {0} of {1} gets what belongs to {2}{3}":
    "梯度传到了错误的元素：{1} 的 {0} 得到了属于 {2} 的梯度{3}",
  ", and {0} more likewise": "，另有 {0} 个也是如此",
  "the gradient from above is taken at the wrong elements: that at {0} is used as that at {1}{2}":
    "上游梯度取自错误的元素：{0} 处的被当作 {1} 处的使用{2}",
  "backward lets elements depend on each other along axis {0}, forward along axis {1} alone: a sum or mean in backward runs over the wrong axis":
    "backward 使元素沿轴 {0} 相互依赖，而 forward 只沿轴 {1}：backward 中的求和或求均值用错了轴",
  "backward is that of a forward without {0}: it is left out in all that follows from it":
    "backward 对应于没有 {0} 的 forward：它在后续各处都被漏掉",
  "backward is that of {0} with {1} in place of {2}": "backward 对应于以 {1} 代替 {2} 的 {0}",
  "the inputs are swapped: backward returns for {0} minus the gradient of {1}, and the reverse":
    "输入互换了：backward 为 {0} 返回 {1} 的梯度的相反数，反之亦然",
  ", and is {0} what it would be with it": "，而且是补上之后的 {0}",
  "backward is that of a forward whose {0} goes along axis {1}, where it goes along axis {2}":
    "backward 属于另一个 forward：其中的 {0} 沿轴 {1} 进行，而实际沿轴 {2}",
};

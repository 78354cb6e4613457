import type { Catalogue } from "../translate.ts";

const EACH_WAITS = "每个 rank 都在等待其他 rank 发出与自己相同的调用，或把别人的数据当作它的结果。";
const ENDED_WITHOUT = "的 rank 已在没有该调用的情况下结束。同一组中的每个 rank 都必须发出相同的集合通信调用。";
const SAME_ORDER = "请在每个 rank 上以相同的顺序遍历参数。";

/** What ranks that train together disagree about, in Simplified Chinese, by the English sentences. */
export const RANKS: Catalogue = {
  "there is no rank {0}": "没有 rank {0}",
  "there is no recording of rank {0}": "没有 rank {0} 的录制",
  "no rank is shown yet": "尚未显示任何 rank",
  "{0} was cut off: whole passes of rank {1} in it: {2}": "{0} 被截断：其中 rank {1} 的完整传播数为 {2}",
  "{0} lacks what rank {1} told while it ran: it is not held against the others":
    "{0} 中缺少 rank {1} 运行时报告的内容：不与其他 rank 核对",
  "{0} was saved from a run that was not recorded as it went: what rank {1} told before is not in it, and it is not held against the others":
    "{0} 保存自一次未边运行边录制的运行：其中没有 rank {1} 此前报告的内容，不与其他 rank 核对",
  "rank {0} is not held against the others: what it told cannot be read":
    "rank {0} 不与其他 rank 核对：它报告的内容无法读取",
  "{0} is of another run (rank {1} of {2}): it is left out": "{0} 属于另一次运行（{2} 个 rank 中的 rank {1}）：已略过",
  "{0} is of rank {1} as {2} is: it is left out": "{0} 与 {2} 同为 rank {1} 的录制：已略过",
  "{0} is of a run of one rank: it is left out": "{0} 属于单个 rank 的运行：已略过",
  "there is no recording of {0}: what the others make of theirs is not known":
    "没有 {0} 的录制：其余 rank 与之归约的内容无从得知",
  "the run is long: the ranks are held against each other up to pass {0}": "运行很长：各 rank 只核对到第 {0} 次传播",
  "{0} holds no recording of a rank": "{0} 中没有任何 rank 的录制",
  "{0} holds no recording of a rank: {1}": "{0} 中没有任何 rank 的录制：{1}",
  "nothing more": "没有更多内容",
  "The ranks run different code: line {0} of {1} on {2} is {3}, on {4} {5}. Start all ranks with one version of it.":
    "各 rank 运行的代码不同：{1} 的第 {0} 行在 {2} 上是 {3}，在 {4} 上是 {5}。请用同一版本启动所有 rank。",
  "ranks {0} and {1}": "rank {0} 和 {1}",
  "Ranks {0} and {1}": "rank {0} 和 {1}",
  "Rank {0}": "rank {0}",
  "{0} on rank {1}": "rank {1} 为 {0}",
  "{0} on rank {1} and {2} on rank {3}": "rank {1} 为 {0}，rank {3} 为 {2}",
  "{0} on rank {1}, {2} on rank {3}": "rank {1} 为 {0}，rank {3} 为 {2}",
  "{0}, which {1} reads here": "{0}（{1} 在此读取它）",
  "{0}, which {1} reads": "{0}（{1} 读取它）",
  "what {0} computes": "{0} 的计算结果",
  "Before pass {0} the optimizers have made another number of steps, {1}: a rank that leaves a step out trains another model from there on. {2}, is no longer the same on {3}. Let every rank step, or none.":
    "在第 {0} 次传播之前，各优化器走过的步数不同（{1}）：漏掉一步的 rank 从那里起训练的是另一个模型。{2} 在 {3} 上不再与其他 rank 相同。请让每个 rank 都走这一步，或都不走。",
  "{0}, is not the same on {1} as on the others from pass {2} on, although the gradients and the settings of the last step were: something else has written to it, or the optimizer's own state differs. Ranks average the gradients of different models from here on.":
    "从第 {2} 次传播起，{0} 在 {1} 上与其他 rank 不同，尽管上一步的梯度和设置都相同：有别的代码写过它，或优化器自身的状态不同。从这里起，各 rank 平均的是不同模型的梯度。",
  " DistributedDataParallel gave all ranks the same weights when it wrapped the model, so something has written to them since, on some ranks only: load weights before wrapping, or on every rank.":
    "DistributedDataParallel 在包装模型时已让所有 rank 的权重相同，因此此后只在某些 rank 上有代码写过它们：请在包装之前加载权重，或在每个 rank 上加载。",
  " They drew their numbers from different seeds ({0}): seed them alike before the model is made, or broadcast its weights.":
    "它们用了不同的随机数种子（{0}）：请在创建模型之前设定相同的种子，或广播其权重。",
  " Load the same weights on every rank, or broadcast them.": "请在每个 rank 上加载相同的权重，或广播它们。",
  "The ranks start with different weights: {0}, is not the same on {1} as on the others in the first pass that {2} compared in.{3}":
    "各 rank 的初始权重不同：在进行比较的第一次传播中，{0} 在 {1} 上与其他 rank 不同。{3}",
  "it is": "它",
  "they are": "它们",
  "The reduced gradient of {0}, is not the same on {1} as on the others after pass {2}: something has written to it during the backward pass, or the ranks reduced different passes together.":
    "在第 {2} 次传播之后，{0} 归约后的梯度在 {1} 上与其他 rank 不同：反向传播期间有代码写过它，或各 rank 把不同的传播归约到了一起。",
  "the mean": "平均值",
  "the sum": "总和",
  "the sum, divided by {0},": "总和除以 {0}",
  "The reduced gradient of {0}, is not {1} of what the {2} ranks computed in pass {3}, by {4} times what rounding explains: a hook changed it, or a rank reduced another pass with this one.":
    "{0} 归约后的梯度不是 {2} 个 rank 在第 {3} 次传播中所算结果的{1}，相差为舍入所能解释的 {4} 倍：有钩子改变了它，或某个 rank 把另一次传播与这次归约到了一起。",
  "The communication hook gives the sum of what the {0} ranks computed, as for {1}: {2} times the mean that DistributedDataParallel gives without it. If the learning rate is not meant for a sum, divide by the number of ranks.":
    "通信钩子给出的是 {0} 个 rank 所算结果的总和，例如 {1}：是没有钩子时 DistributedDataParallel 所给平均值的 {2} 倍。如果学习率不是为总和选的，请除以 rank 数。",
  "rank {0} that of {1}": "rank {0} 为 {1} 的梯度",
  "The ranks add gradients of different parameters: in their {0}{1} all_reduce of a gradient {2}. Go through the parameters in the same order on every rank.": `各 rank 把不同参数的梯度加在一起：在第 {0} 次对梯度的 all_reduce 中，{2}。${SAME_ORDER}`,
  ...Object.fromEntries(
    ["st", "nd", "rd", "th"].map((ordinal) => [
      `The ranks add gradients of different parameters: in their {0}${ordinal} all_reduce of a gradient {1}. Go through the parameters in the same order on every rank.`,
      `各 rank 把不同参数的梯度加在一起：在第 {0} 次对梯度的 all_reduce 中，{1}。${SAME_ORDER}`,
    ]),
  ),
  "What all_reduce gives rank {0} for the gradient of {1} is not {2} of what the ranks brought, by {3} times what rounding explains: it was written to while it was reduced, or ranks reduced others with it.":
    "all_reduce 在 rank {0} 上为 {1} 的梯度给出的不是各 rank 所提供内容的{2}，相差为舍入所能解释的 {3} 倍：归约期间有代码写过它，或有 rank 用别的张量参与了归约。",
  "On {0} alone {1} is not finite in pass {2}. Reduced with the others it spoils the gradients of all ranks.":
    "在第 {2} 次传播中，只有在 {0} 上 {1}不是有限值。与其他 rank 归约后，它会破坏所有 rank 的梯度。",
  "On {0} alone {1}, is not finite in pass {2}. Reduced with the others it spoils the gradients of all ranks.":
    "在第 {2} 次传播中，只有在 {0} 上 {1}不是有限值。与其他 rank 归约后，它会破坏所有 rank 的梯度。",
  "The wrapper waits for a gradient that never comes. Let every rank use every parameter, or wrap the model with find_unused_parameters=True.":
    "包装器在等待一个永远不会到来的梯度。请让每个 rank 使用每个参数，或以 find_unused_parameters=True 包装模型。",
  "They count as zero in the mean, which divides by all ranks.": "它们在平均值中按零计算，而平均值除以全部 rank 数。",
  "Pass {0} did not use {1} on {2}. {3}": "第 {0} 次传播在 {2} 上没有使用 {1}。{3}",
  "learning rate": "学习率",
  "gradient scaler's scale": "梯度缩放器的缩放系数",
  "{0} makes its step {1} with another {2} on {3}: {4}. From here on the ranks train different models.":
    "{0} 的第 {1} 步在 {3} 上使用了不同的{2}：{4}。从这里起，各 rank 训练的是不同的模型。",
  "{0} steps with it": "{0} 用它走一步",
  "{0} reads {1} outside of the call of its DistributedDataParallel wrapper, so that its gradient was not reduced: in step {2} it is another on {3}. Call the wrapper, not the module inside of it.":
    "{0} 在其 DistributedDataParallel 包装器的调用之外读取 {1}，因此它的梯度没有归约：在第 {2} 步，它在 {3} 上不同。请调用包装器，而不是其中的模块。",
  "The pass": "该次传播",
  "Step {0} is made with gradients that were not reduced: that of {1} is another on {2}. The last forward and backward pass before a step must be outside of no_sync().":
    "第 {0} 步使用了没有归约的梯度：{1} 的梯度在 {2} 上不同。一步之前的最后一次前向和反向传播必须在 no_sync() 之外。",
  "Step {0} is made with another gradient of {1} on {2}, although it was reduced: something has changed it between backward() and the step, such as clipping or scaling on one rank.":
    "第 {0} 步在 {2} 上使用了 {1} 的不同梯度，尽管它已归约：在 backward() 与该步之间有代码改变了它，例如只在一个 rank 上裁剪或缩放。",
  "The ranks call different collectives as their {0}{1}: {2}. Each waits for the others to make its own call, or takes another's data for it.": `各 rank 的第 {0} 次集合通信调用不同：{2}。${EACH_WAITS}`,
  ...Object.fromEntries(
    ["st", "nd", "rd", "th"].map((ordinal) => [
      `The ranks call different collectives as their {0}${ordinal}: {1}. Each waits for the others to make its own call, or takes another's data for it.`,
      `各 rank 的第 {0} 次集合通信调用不同：{1}。${EACH_WAITS}`,
    ]),
  ),
  "{0} {1} in {2} for {3}, which {4} ended without that call. Every rank of a group must make the same collective calls.": `{0} {1}于 {2}，等待 {3}；等待${ENDED_WITHOUT}`,
  ...Object.fromEntries(
    ["waits", "wait"].map((verb) => [
      `{0} ${verb} in {1} for {2}, which {3} ended without that call. Every rank of a group must make the same collective calls.`,
      `{0} 在 {1} 中等待 {2}，而被等待${ENDED_WITHOUT}`,
    ]),
  ),
  "rank {0} calls {1}, rank {2} calls {3}": "rank {0} 调用 {1}，rank {2} 调用 {3}",
};

import type { Catalogue } from "../translate.ts";

/** What panel and editor both say, in Simplified Chinese, by the English sentences. */
export const SHARED: Catalogue = {
  "forward {0} of {1}": "前向 {0} / {1} 步",
  "backward {0} of {1}": "反向 {0} / {1} 步",
  "end of the pass, 1 backward step": "传播结束，反向共 1 步",
  "end of the pass, {0} backward steps": "传播结束，反向共 {0} 步",
  "term {0} of {1}": "第 {0} / {1} 项",
  "{0} is in {1} alone": "{0} 只在{1}中",
  "{0} is [{1}] in {2} and [{3}] in {4}": "{0} 在{2}中为 [{1}]，在{4}中为 [{3}]",
  "{0} differs by {1} of its norm": "{0} 的差异为其范数的 {1}",
  "the gradient of {0} differs by {1} of its norm": "{0} 的梯度的差异为其范数的 {1}",
  "{0} has a gradient in one alone": "{0} 只在其中一方有梯度",
};

/** The panel's sentences in Simplified Chinese, by the English ones. */
export const CHINESE: Readonly<Record<string, string>> = {
  // The lesson's card.
  "Lesson {0}": "第 {0} 课",
  "Lesson {0} of {1}: {2}": "第 {0} 课（共 {1} 课）：{2}",
  "Show the answer": "显示答案",
  "Next question": "下一个问题",
  "To the question at line {0}": "转到第 {0} 行的问题",
  "Every gradient has arrived.": "所有梯度均已到达。",
  "To the next pass, or the end": "到下一次传播，或到结束",
  // What if.
  "What if": "假设",
  "What if {0}": "假设 {0}",
  "{0} and {1} more": "{0} 以及另外 {1} 处",
  "{0}: the loss would be {1} instead of {2}.": "{0}：损失将是 {1}，而不是 {2}。",
  "Changed cards show old → new; nothing recorded changes.": "有变化的卡片显示“原值 → 新值”；记录本身不变。",
  "an element": "一个元素",
  "what if": "假设",
  Undo: "撤销",
};

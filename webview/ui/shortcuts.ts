/** Every key of the panel, by where it works. docs/keyboard.md and the help say the same. */
export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

export const SHORTCUTS: readonly { readonly where: string; readonly list: readonly Shortcut[] }[] = [
  {
    where: "Stepping (VS Code's own debug keys, also from the panel)",
    list: [
      { keys: "F10", does: "Step over: to the next node, past a function made of ops" },
      { keys: "Shift+F10", does: "Step back" },
      { keys: "F11", does: "Step into: a function's ops, then the terms of an op" },
      { keys: "Shift+F11", does: "Step out of the module" },
      { keys: "F5", does: "Continue to the next backward()" },
      { keys: "Shift+F5", does: "Stop" },
    ],
  },
  {
    where: "Anywhere in the panel",
    list: [
      { keys: ".", does: "Step to the next node" },
      { keys: ",", does: "Step back" },
      { keys: "Home, End", does: "To the start, to the end of the pass" },
      { keys: "P", does: "Play, pause" },
      { keys: "I", does: "Step into: open what hides the next node, else step" },
      { keys: "O", does: "Step out of the module" },
      { keys: "/", does: "Search" },
      { keys: "N, Shift+N", does: "Next, previous hit" },
      { keys: "Alt+Left, Alt+Right", does: "Back and forward through the nodes visited" },
      { keys: "F", does: "Show the whole graph" },
      { keys: "S", does: "Show the selected node" },
      { keys: "C", does: "Show the current node" },
      { keys: "+, -, 0", does: "Zoom in, out, to 100 %" },
      { keys: "G", does: "To the graph" },
      { keys: "L", does: "Go to the selected node's source line" },
      { keys: "X", does: "Scalar lens: small tensors as numbers, data and grad" },
      { keys: "?", does: "This list" },
    ],
  },
  {
    where: "In the graph",
    list: [
      { keys: "Up, Down", does: "Along an edge: to what a node reads, to what reads it" },
      { keys: "Left, Right", does: "To the nearest node beside it" },
      { keys: "Enter", does: "Move the cursor to the node; open or close a group" },
      { keys: "Space", does: "Open or close a group; on a node, close the group around it" },
      { keys: "Shift+Left, Shift+Right", does: "Previous, next instance of a folded repetition" },
    ],
  },
  {
    where: "In the timeline",
    list: [
      { keys: "Left, Right", does: "One step" },
      { keys: "Page Up, Page Down", does: "A tenth of the pass" },
      { keys: "Home, End", does: "To the start, to the end" },
      { keys: "M, Shift+M", does: "Next, previous mark" },
    ],
  },
  {
    where: "In the training view",
    list: [
      { keys: "Left, Right", does: "Previous, next pass" },
      { keys: "Up, Down", does: "Previous, next parameter" },
      { keys: "Home, End", does: "First, last pass" },
      { keys: "Enter", does: "Go to the pass; one that was released is run again" },
      { keys: "Escape", does: "Show all passes again" },
    ],
  },
  {
    where: "In the scalar lens",
    list: [
      { keys: "], [", does: "Pass on the gradient of the next element, take it back" },
      { keys: "Escape", does: "Close it" },
    ],
  },
  {
    where: "In the heat map",
    list: [
      { keys: "Arrow keys", does: "Choose the next element" },
      { keys: "Home, End", does: "First, last element of the row" },
    ],
  },
];

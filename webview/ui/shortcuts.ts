import { t } from "../../engine/language/translate.ts";
/** Every key of the panel, by where it works. docs/keyboard.md and the help say the same. */
export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

export const SHORTCUTS: readonly { readonly where: string; readonly list: readonly Shortcut[] }[] = [
  {
    where: t("Stepping (VS Code's own debug keys, also from the panel)"),
    list: [
      { keys: "F10", does: t("Step over: to the next node, past a function made of ops") },
      { keys: "Shift+F10", does: t("Step back") },
      { keys: "F11", does: t("Step into: a function's ops, then the terms of an op") },
      { keys: "Shift+F11", does: t("Step out of the module") },
      { keys: "F5", does: t("Continue to the next backward()") },
      { keys: "Shift+F5", does: t("Stop") },
    ],
  },
  {
    where: t("Anywhere in the panel"),
    list: [
      { keys: ".", does: t("Step to the next node") },
      { keys: ",", does: t("Step back") },
      { keys: "Home, End", does: t("To the start, to the end of the pass") },
      { keys: "P", does: t("Play, pause") },
      { keys: "I", does: t("Step into: open what hides the next node, else step") },
      { keys: "O", does: t("Step out of the module") },
      { keys: "/", does: t("Search") },
      { keys: "N, Shift+N", does: t("Next, previous hit") },
      { keys: "Alt+Left, Alt+Right", does: t("Back and forward through the nodes visited") },
      { keys: "F", does: t("Show the whole graph") },
      { keys: "S", does: t("Show the selected node") },
      { keys: "C", does: t("Show the current node") },
      { keys: "+, -, 0", does: t("Zoom in, out, to 100 %") },
      { keys: "G", does: t("To the graph") },
      { keys: "L", does: t("Go to the selected node's source line") },
      { keys: "X", does: t("Scalar lens: small tensors as numbers, data and grad") },
      { keys: "?", does: t("This list") },
    ],
  },
  {
    where: t("In the graph"),
    list: [
      { keys: "Up, Down", does: t("Along an edge: to what a node reads, to what reads it") },
      { keys: "Left, Right", does: t("To the nearest node beside it") },
      { keys: "Enter", does: t("Move the cursor to the node; open or close a group") },
      { keys: "Space", does: t("Open or close a group; on a node, close the group around it") },
      { keys: "Shift+Left, Shift+Right", does: t("Previous, next instance of a folded repetition") },
    ],
  },
  {
    where: t("In the timeline"),
    list: [
      { keys: "Left, Right", does: t("One step") },
      { keys: "Page Up, Page Down", does: t("A tenth of the pass") },
      { keys: "Home, End", does: t("To the start, to the end") },
      { keys: "M, Shift+M", does: t("Next, previous mark") },
    ],
  },
  {
    where: t("In the training view"),
    list: [
      { keys: "Left, Right", does: t("Previous, next pass") },
      { keys: "Up, Down", does: t("Previous, next parameter") },
      { keys: "Home, End", does: t("First, last pass") },
      { keys: "Enter", does: t("Go to the pass; one that was released is run again") },
      { keys: "C", does: t("Compare the shown pass with the one pointed at") },
      { keys: "H", does: t("How the parameter's gradient is spread, over time") },
      { keys: "+, -", does: t("Fewer, more passes") },
      { keys: "Escape", does: t("Show all passes again") },
    ],
  },
  {
    where: t("In the scalar lens"),
    list: [
      { keys: "], [", does: t("Pass on the gradient of the next element, take it back") },
      { keys: "Escape", does: t("Close it") },
    ],
  },
  {
    where: t("In the heat map"),
    list: [
      { keys: "Arrow keys", does: t("Choose the next element") },
      { keys: "Home, End", does: t("First, last element of the row") },
    ],
  },
];

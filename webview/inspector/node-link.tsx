import { reveal, select } from "../state/selecting.ts";
import { graph } from "../state/resources.ts";

/** What to call a node in a sentence: "fc3.matmul logits", a parameter's name, an input's. */
export function nameOf(node: number): string {
  const pass = graph.value;
  if (!pass) return String(node);
  const op = pass.strings[pass.op[node] ?? 0] ?? "";
  const label = pass.strings[pass.label[node] ?? 0] ?? "";
  if ((op === "parameter" || op === "input") && label !== "") return label;
  const scope = pass.scopes[pass.scope[node] ?? -1];
  return `${scope && scope.parent >= 0 ? `${scope.name}.` : ""}${op}${label === "" ? "" : ` ${label}`}`;
}

/** Selects a node and brings it into view. */
export function goTo(node: number): void {
  select({ kind: "node", node });
  reveal(node);
}

export function NodeLink({ node, text }: { readonly node: number; readonly text?: string }) {
  return (
    <button type="button" class="link" onClick={() => goTo(node)}>
      {text ?? nameOf(node)}
    </button>
  );
}

import { isLeaf, nodeTitle } from "../../engine/recording/graph-rows.ts";
import { goTo } from "../state/selecting.ts";
import { graph } from "../state/resources.ts";

/** What to call a node in a sentence: "fc3.matmul logits", a parameter's name, an input's. */
export function nameOf(node: number): string {
  const pass = graph.value;
  if (!pass) return String(node);
  const title = nodeTitle(pass, node);
  if (isLeaf(pass, node)) return title;
  const scope = pass.scopes[pass.scope[node] ?? -1];
  return `${scope && scope.parent >= 0 ? `${scope.name}.` : ""}${title}`;
}

export function NodeLink({ node, text }: { readonly node: number; readonly text?: string }) {
  return (
    <button type="button" class="link" onClick={() => goTo(node)}>
      {text ?? nameOf(node)}
    </button>
  );
}

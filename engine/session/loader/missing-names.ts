import { missingNameAdvice } from "../../api/missing-names.ts";
import { moduleClassOf } from "../../api/nn/module.ts";
import { closest } from "../../context/suggestion.ts";
import { Tensor } from "../../core/tensor.ts";
import { isTensorVariable } from "../../core/variable-names.ts";

/**
 * What a person needs to know of V8's "x.foo is not a function", where x is a tensor, a module or one of the engine's
 * namespaces: V8 has the words of the call, and nothing of what they stand for. Null when nothing certain can be said.
 * @param engine what "backstep" exports
 */
export function explainNotCallable(message: string, engine: object): string | null {
  const called = /^(?<path>[\s\S]+) is not a (?:function|constructor)/.exec(message)?.groups?.["path"];
  if (called === undefined) return null;
  // V8 writes "x.relu(...).foo".
  const parts = called.replaceAll("(...)", "()").split(".");
  const name = parts[parts.length - 1]!;
  const owner = parts[parts.length - 2];
  if (owner === undefined || owner === "this") {
    const ofModule = moduleClassOf(name);
    return ofModule === null ? null : `${called} is a module of class ${ofModule}: call ${called}.forward(…)`;
  }
  const ownerClass = moduleClassOf(owner);
  if (ownerClass !== null && name in Tensor.prototype) {
    return `${parts.slice(0, -1).join(".")} is a module of class ${ownerClass}, not a tensor: ${name}() is for what its forward(…) gives`;
  }
  const fieldClass = moduleClassOf(name);
  if (fieldClass !== null && !(name in Tensor.prototype)) {
    return `${called} is a module of class ${fieldClass}: call ${called}.forward(…)`;
  }
  return missingNameAdvice(owner, name, engine) ?? nearestMethod(parts.slice(0, -1).join("."), owner, name);
}

/** Names shorter than this are near to too many. */
const SHORTEST_NAME = 5;
/** Methods of Tensor that give no tensor. */
const GIVES_OTHER = /^(?:item|tolist|toArray|numel|dim|size|stride|split|chunk|unbind|max|min|sort|topk|registerHook)$/;

/** The method of Tensor that was meant by one that it has not, where what it was called on is a tensor, or may be. */
function nearestMethod(path: string, owner: string, name: string): string | null {
  const called = /^(?<method>\w+)\(.*\)$/su.exec(owner)?.groups?.["method"];
  const isTensor =
    isTensorVariable(owner) || (called !== undefined && called in Tensor.prototype && !GIVES_OTHER.test(called));
  const methods = tensorMethods();
  const near = closest(name, methods) ?? methods.find((method) => method.toLowerCase() === name.toLowerCase()) ?? null;
  if (!isTensor) {
    const isLikely = near !== null && name.length >= SHORTEST_NAME && !path.includes("(");
    return isLikely && !(name in Tensor.prototype) ? `if ${path} is a tensor: did you mean ${path}.${near}?` : null;
  }
  const what = `${path} is a tensor, which has no ${name}`;
  return near === null ? `${what}: docs/ops.md lists what there is` : `${what}: did you mean ${near}?`;
}

function tensorMethods(): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype)).flatMap(([method, { value }]) =>
    typeof value === "function" ? [method] : [],
  );
}

import { adviceInNamespace, camelCase, missingNameAdvice, namespaceAt } from "../../api/missing-names.ts";
import { Module, moduleClassOf } from "../../api/nn/module.ts";
import { Optimizer } from "../../api/optim/optimizer.ts";
import { closest } from "../../context/suggestion.ts";
import { Tensor } from "../../core/tensor.ts";
import { isTensorVariable } from "../../core/variable-names.ts";

/**
 * What a person needs to know of V8's "x.foo is not a function", where x is a tensor, a module or one of the engine's
 * namespaces: V8 has the words of the call, and nothing of what they stand for. Null when nothing certain can be said.
 * @param engine what "backstep" exports
 */
export function explainNotCallable(message: string, engine: object): string | null {
  const withoutNew = /^Class constructor (?<name>\w+) cannot be invoked without 'new'/.exec(message)?.groups?.["name"];
  if (withoutNew !== undefined) return `${withoutNew} is a class: write new before it`;
  const listed = /^(?<path>\S+)\.(?<method>\w+) is not iterable/.exec(message)?.groups;
  if (listed?.["method"] !== undefined && listed["method"] in Module.prototype) {
    return `it is a method: call ${listed["path"]}.${listed["method"]}()`;
  }
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
  const path = parts.slice(0, -1).join(".");
  const spelled = camelCase(name);
  if (spelled !== name && isMethodOfOurs(spelled)) return `names are in camelCase here: ${path}.${spelled}`;
  const namespace = namespaceAt(parts.slice(0, -1), engine);
  const advice = namespace === null ? null : adviceInNamespace(namespace, name, engine);
  return (
    advice ?? missingNameAdvice(owner, name, engine) ?? nearestMethod(path, owner, name) ?? notMadeYet(owner, name)
  );
}

/** Methods of what a Function's forward and backward are handed. */
const OF_CONTEXT = ["saveForBackward", "markDirty", "markNonDifferentiable", "setMaterializeGrads"];

function isMethodOfOurs(name: string): boolean {
  return name in Module.prototype || name in Optimizer.prototype || OF_CONTEXT.includes(name);
}

/** What to do where a method that every module has is missing on what it was called on. */
function notMadeYet(owner: string, name: string): string | null {
  if (!/^[a-z]\w*$/i.test(owner) || !Object.hasOwn(Module.prototype, name) || name in Object.prototype) return null;
  return `${owner} is no module: if an async function makes it, write await before the call; if it is a class, new ${owner}(…)`;
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

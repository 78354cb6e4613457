import { missingNameAdvice } from "../../api/missing-names.ts";
import { moduleClassOf } from "../../api/nn/module.ts";
import { Tensor } from "../../core/tensor.ts";

/**
 * What a person needs to know of V8's "x.foo is not a function", where x is a tensor, a module or one of the engine's
 * namespaces: V8 has the words of the call, and nothing of what they stand for. Null when nothing certain can be said.
 * @param engine what "backstep" exports
 */
export function explainNotCallable(message: string, engine: object): string | null {
  const called = /^(?<path>[\s\S]+) is not a (?:function|constructor)/.exec(message)?.groups?.["path"];
  if (called === undefined) return null;
  const parts = called.split(".");
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
  return missingNameAdvice(owner, name, engine);
}

import type { Module } from "./module.ts";

/**
 * A module as PyTorch prints it: its class, the plain values that it was made with, and the modules inside it.
 *
 *     Net(
 *       (fc1): Linear(inFeatures=784, outFeatures=128)
 *     )
 */
export function describeModule(module: Module, indent = "", around: readonly Module[] = []): string {
  const name = module.constructor.name;
  // A module may hold one that it is part of.
  if (around.includes(module)) return `${name}(…)`;
  const children = [...module.namedChildren()];
  if (children.length === 0) return `${name}(${plainValues(module)})`;
  const inner = `${indent}  `;
  const lines = children.map(
    ([path, child]) => `${inner}(${path}): ${describeModule(child, inner, [...around, module])}`,
  );
  return `${name}(\n${lines.join("\n")}\n${indent})`;
}

function plainValues(module: Module): string {
  const values: string[] = [];
  for (const [key, value] of Object.entries(module)) {
    if (key === "training") continue;
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
      values.push(`${key}=${value}`);
    } else if (Array.isArray(value) && value.every((entry) => typeof entry === "number")) {
      values.push(`${key}=[${value.join(", ")}]`);
    }
  }
  return values.join(", ");
}

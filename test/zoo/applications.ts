import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import type { Tensor } from "../../engine/index.ts";

/** A Function of the zoo as it was applied; the leaves among its inputs hold what its `backward` gave. */
export interface Application {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** With which the pass began, one for each output; none where no pass was run. */
  readonly cotangents: Tensor[];
}

const ENGINE = new URL("../../engine/index.ts", import.meta.url).href;

/** Runs a model file of the zoo in this process. A process can do so once for each file. */
export async function runZoo(file: "wrong.model.ts" | "right.model.ts"): Promise<readonly Application[]> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => next(specifier === "backstep" ? ENGINE : specifier, context),
  });
  try {
    const probe: string = new URL("./probe.ts", import.meta.url).href;
    const { applications } = (await import(probe)) as { readonly applications: Application[] };
    const before = applications.length;
    await import(new URL(file, import.meta.url).href);
    return applications.slice(before);
  } finally {
    hooks.deregister();
  }
}

/** The wrong Functions in their order, each with the kind of mistake that the comment before it names. */
export function readLabels(): readonly { readonly kind: string; readonly name: string }[] {
  const source = readFileSync(new URL("./wrong.model.ts", import.meta.url), "utf8");
  return [...source.matchAll(/\/\/ expect: ([\w-]+)\nclass (\w+)/gu)].map(([, kind, name]) => ({
    kind: kind!,
    name: name!,
  }));
}

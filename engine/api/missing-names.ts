import { Tensor } from "../core/tensor.ts";
import { REFUSED } from "./refused-names.ts";

/** Where names are, by what PyTorch calls the place, as paths in what "backstep" exports. */
const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  torch: [],
  "nn.functional": ["F"],
  nn: ["nn"],
  "nn.init": ["nn", "init"],
  "nn.utils": ["nn", "utils"],
  optim: ["optim"],
  "optim.lr_scheduler": ["optim", "lrScheduler"],
  distributions: ["distributions"],
  linalg: ["linalg"],
};

/** What PyTorch calls a place by what a model file may. */
const BY_LAST_WORD: Readonly<Record<string, string>> = {
  F: "nn.functional",
  functional: "nn.functional",
  nn: "nn",
  init: "nn.init",
  utils: "nn.utils",
  optim: "optim",
  lrScheduler: "optim.lr_scheduler",
  lr_scheduler: "optim.lr_scheduler",
  distributions: "distributions",
  linalg: "linalg",
};

/** `log_softmax` as names are written here: `logSoftmax`; the underscore of what works in place stays. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** The object that holds the names of a place; null when there is none. */
export function namespaceOf(place: string, engine: object): object | null {
  if (place === "Tensor") return Tensor.prototype;
  let at: unknown = engine;
  for (const part of NAMESPACES[place] ?? [place])
    at = typeof at === "object" && at !== null ? Reflect.get(at, part) : null;
  return typeof at === "object" ? at : null;
}

/** Why a name of PyTorch is not there, and what to use instead; null for one that nothing is said of. */
export function refusalOf(place: string, name: string): string | null {
  const known = REFUSED[place]?.[name];
  if (known !== undefined) return known;
  return (REFUSED["everywhere"] ?? {})[name] ?? null;
}

/**
 * What to write in place of a name that there is not.
 * @param owner the last word before it: `F` of `F.cross_entropy`, or a variable that may be a tensor
 */
export function missingNameAdvice(owner: string, name: string, engine: object): string | null {
  const place = BY_LAST_WORD[owner] ?? (Object.hasOwn(engine, name) ? null : "torch");
  const spelled = camelCase(name);
  const isPlace = owner in BY_LAST_WORD;
  const places = isPlace ? [place ?? "torch"] : ["Tensor", "torch"];
  for (const known of places) {
    const holder = namespaceOf(known, engine);
    if (spelled !== name && holder !== null && spelled in holder)
      return `names are in camelCase here: ${owner}.${spelled}`;
  }
  const snake = snakeCaseOf(name);
  for (const known of places) {
    const advice = refusalOf(known, name) ?? refusalOf(known, snake);
    if (advice !== null) return advice;
  }
  // Under another roof.
  for (const [other, path] of Object.entries(NAMESPACES)) {
    const holder = namespaceOf(other, engine);
    if (holder === null || !(spelled in holder)) continue;
    const shown =
      path.length === 0 ? `a function: import { ${spelled} } from "backstep"` : [...path, spelled].join(".");
    return isPlace || path.length > 0 || spelled !== name ? `it is ${shown}` : null;
  }
  if (!isPlace && spelled in Tensor.prototype) return `it is a method of tensors: is ${owner} one?`;
  return null;
}

/** `logSoftmax` as PyTorch writes it. */
function snakeCaseOf(name: string): string {
  return /^[A-Z]/.test(name) ? name : name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

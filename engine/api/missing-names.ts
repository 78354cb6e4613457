import { closest } from "../context/suggestion.ts";
import { Tensor } from "../core/tensor.ts";
import { adviceOf } from "./refused-names.ts";

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

/**
 * What to write in place of a name that there is not.
 * @param owner the last word before it: `F` of `F.cross_entropy`, or a variable that may be a tensor
 */
export function missingNameAdvice(owner: string, name: string, engine: object): string | null {
  const place = BY_LAST_WORD[owner] ?? "torch";
  const spelled = camelCase(name);
  const isPlace = owner in BY_LAST_WORD;
  const places = isPlace ? [place] : ["Tensor", "torch"];
  for (const known of places) {
    const holder = namespaceOf(known, engine);
    if (spelled !== name && holder !== null && spelled in holder)
      return `names are in camelCase here: ${owner}.${spelled}`;
  }
  // Under another roof.
  for (const [other, path] of Object.entries(NAMESPACES)) {
    const holder = namespaceOf(other, engine);
    if (holder === null || !(spelled in holder)) continue;
    const shown =
      path.length === 0 ? `a function: import { ${spelled} } from "backstep"` : [...path, spelled].join(".");
    return isPlace || path.length > 0 || spelled !== name ? `it is ${shown}` : null;
  }
  const advice = adviceOf(name) ?? adviceOf(snakeCaseOf(name));
  if (isPlace) return adviceInPlace(owner, places[0]!, name, engine, advice);
  return owner === "torch" ? (advice ?? `backstep does not export ${name}`) : null;
}

/** What to say of a name that is asked of one of our own namespaces: something, always. */
function adviceInPlace(owner: string, place: string, name: string, engine: object, advice: string | null): string {
  if (advice !== null) return advice;
  const holder = namespaceOf(place, engine);
  const near = holder === null ? null : closest(name, Object.keys(holder));
  return near === null
    ? `${owner} has no ${name} here: docs/ops.md lists what there is`
    : `did you mean ${owner}.${near}?`;
}

/** `logSoftmax` as PyTorch writes it. */
function snakeCaseOf(name: string): string {
  return /^[A-Z]/.test(name) ? name : name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

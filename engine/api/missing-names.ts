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
  autograd: ["autograd"],
  "utils.data": ["data"],
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
  autograd: "autograd",
  data: "utils.data",
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

/** Where there is a name, as a model file writes it: `F.pad`; null where there is none. */
export function placeOf(spelled: string, engine: object): string | null {
  for (const [place, path] of Object.entries(NAMESPACES)) {
    const holder = namespaceOf(place, engine);
    if (holder !== null && spelled in holder) return [...path, spelled].join(".");
  }
  return null;
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
  const elsewhere = placeOf(spelled, engine);
  if (elsewhere !== null) {
    const shown = elsewhere.includes(".") ? elsewhere : `a function: import { ${spelled} } from "backstep"`;
    return isPlace || elsewhere.includes(".") || spelled !== name ? `it is ${shown}` : null;
  }
  const advice = adviceOf(name) ?? adviceOf(snakeCaseOf(name));
  if (isPlace) return adviceInPlace(owner, places[0]!, name, engine, advice);
  return owner === "torch" ? (advice ?? notExported(name, engine)) : null;
}

function notExported(name: string, engine: object): string {
  const near = closest(name, Object.keys(engine)) ?? closest(camelCase(name), Object.keys(engine));
  return near === null ? "docs/ops.md lists what there is" : `did you mean ${near}?`;
}

/**
 * What to write in place of a name that one of our namespaces does not have.
 * @returns null for an object that is none of them, and for a name that is there
 */
export function adviceInNamespace(holder: object, name: string, engine: object): string | null {
  if (name in holder) return null;
  const found = Object.entries(NAMESPACES).find(([known]) => namespaceOf(known, engine) === holder);
  if (found !== undefined) return missingNameAdvice(found[1].at(-1) ?? "torch", name, engine);
  return Object.values(engine).includes(holder)
    ? (adviceOf(snakeCaseOf(name)) ?? "docs/ops.md lists what there is")
    : null;
}

/** The namespace of ours that a path of names leads to: of an import of all, or of one of its namespaces. */
export function namespaceAt(path: readonly string[], engine: object): object | null {
  for (const names of [path, path.slice(1)]) {
    let at: unknown = engine;
    for (const name of names) at = typeof at === "object" && at !== null ? Reflect.get(at, name) : null;
    if (typeof at === "object" && at !== null && (names.length > 0 || path[0] === "torch" || path[0] === "backstep"))
      return at;
  }
  return null;
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

import type { SourceEdit } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import type { Change } from "../../training/fixes/change.ts";
import { editsOfEach } from "../../training/fixes/each-change.ts";
import { SourceText } from "../../training/fixes/source-text.ts";
import { callAt, isOfLibrary, makesObject, type WrittenPythonCall } from "./python-call.ts";
import { underscored } from "./python-words.ts";

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;
type Edits = readonly SourceEdit[] | null;

/** Keywords by which arguments may be given that rules name by their place. */
const NUMBERED: ReadonlySet<string> = new Set(["p", "dim", "max_norm"]);

const NUMBER = /^-?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?$/u;

/** The edits of a Python file that make changes. @returns none where the text is not of the form that such a change is made in */
export function pythonEditsOf(
  changes: readonly Change[],
  textOf: (file: string) => string | null,
): readonly SourceEdit[] {
  return editsOfEach(changes, textOf, (change, file, text) => made(change, new SourceText(file, text)));
}

function made(change: Change, source: SourceText): Edits {
  switch (change.kind) {
    case "insert-call":
      return insertCall(change, source);
    case "move":
      return move(change, source);
    case "insert-layer":
      return insertLayer(change, source);
    default: {
      const call = callAt(source, change.call);
      return call && changedCall(change, call, source);
    }
  }
}

function changedCall(
  change: Extract<Change, { readonly call: Site }>,
  call: WrittenPythonCall,
  source: SourceText,
): Edits {
  switch (change.kind) {
    case "leave-out":
      return leaveOut(call, source);
    case "rename": {
      // A function that was imported by itself has a neighbour that was not.
      if (call.receiver === null || call.name !== spelled(change.from)) return null;
      return [source.edit(call.nameStart, call.nameStart + call.name.length, spelled(change.to))];
    }
    case "number":
      return number(change, call, source);
    case "word":
      return word(change, call, source);
    case "append":
      return [source.edit(call.end, call.end, change.text)];
    case "append-to-operand": {
      // Of a method it is not plain which tensor is which operand.
      const arg = isOfLibrary(call) || call.receiver === "self" ? positional(call, source)[change.operand] : undefined;
      if (!arg) return null;
      return [source.edit(arg.start, arg.end, operand(source.text.slice(arg.start, arg.end)) + change.text)];
    }
  }
}

function spelled(name: string): string {
  return /^[A-Z]/u.test(name) ? name : underscored(name);
}

function leaveOut(call: WrittenPythonCall, source: SourceText): Edits {
  const { start, end, receiver, nameStart } = call;
  if (makesObject(call)) {
    const comma = commaBefore(source.text, start);
    if (comma >= 0) return [source.edit(comma, end, "")];
    return receiver === null ? null : [source.edit(nameStart, end, "Identity()")];
  }
  if (!isOfLibrary(call)) {
    // A tensor's own method takes numbers; what takes a tensor is a module or a function that is held somewhere.
    const isMethod = call.args.every((arg) => NUMBER.test(source.text.slice(arg.start, arg.end)));
    return isMethod && receiver !== "self" ? [source.edit(nameStart - 1, end, "")] : null;
  }
  const [first] = positional(call, source);
  return first ? [source.edit(start, end, operand(source.text.slice(first.start, first.end)))] : null;
}

/** Arguments without a name, up to one that stands for several. */
function positional({ args }: WrittenPythonCall, { text }: SourceText): WrittenPythonCall["args"] {
  const plain = args.filter(({ keyword }) => keyword === null);
  const several = plain.findIndex(({ start }) => text[start] === "*");
  return several < 0 ? plain : plain.slice(0, several);
}

/** Where the comma stands that an element of a list follows; -1 where it follows none. */
function commaBefore(text: string, start: number): number {
  const before = text.slice(0, start).trimEnd();
  return before.endsWith(",") ? before.length - 1 : -1;
}

/** An expression as it is written, in parentheses where a dot may not follow. */
function operand(text: string): string {
  return /^[A-Za-z_][\w.]*(?:\([^()]*\)|\[[^[\]]*\])?$/u.test(text) ? text : `(${text})`;
}

function number({ which, to }: ChangeOf<"number">, call: WrittenPythonCall, source: SourceText): Edits {
  const written = typeof which === "string" ? named(underscored(which), call) : numbered(which, call, source);
  const text = written && source.text.slice(written.start, written.end);
  if (!written || !text || !NUMBER.test(text)) return null;
  const old = Number(text.replaceAll("_", ""));
  const value = "set" in to ? to.set : "times" in to ? old * to.times : 1 - old;
  return [source.edit(written.start, written.end, String(Number(value.toPrecision(6))))];
}

function named(keyword: string, { args }: WrittenPythonCall): WrittenPythonCall["args"][number] | undefined {
  return args.find((arg) => arg.keyword === keyword);
}

/** By its place, counted without the tensor that a function takes first. */
function numbered(
  which: number,
  call: WrittenPythonCall,
  source: SourceText,
): WrittenPythonCall["args"][number] | undefined {
  const isFunction = isOfLibrary(call) && !makesObject(call) && !call.name.endsWith("_");
  const byName = call.args.filter(({ keyword }) => keyword !== null && NUMBERED.has(keyword));
  return positional(call, source)[isFunction ? which + 1 : which] ?? (byName.length === 1 ? byName[0] : undefined);
}

function word({ from, to }: ChangeOf<"word">, { args }: WrittenPythonCall, source: SourceText): Edits {
  const isWord = (text: string): boolean => text === pythonWord(from) || text.replaceAll("'", '"') === from;
  const [only, ...others] = args.filter(({ start, end }) => isWord(source.text.slice(start, end)));
  return only && others.length === 0 ? [source.edit(only.start, only.end, pythonWord(to))] : null;
}

function pythonWord(text: string): string {
  return text === "true" ? "True" : text === "false" ? "False" : text;
}

function insertLayer({ before, layer }: ChangeOf<"insert-layer">, source: SourceText): Edits {
  const call = callAt(source, before);
  if (!call || !makesObject(call) || commaBefore(source.text, call.start) < 0) return null;
  const namespace = call.receiver === null ? "" : `${call.receiver}.`;
  // A class that was imported by itself has a neighbour that was not.
  return namespace === "" ? null : [source.edit(call.start, call.start, `${namespace}${layer}(), `)];
}

function insertCall({ place, where, like, method }: ChangeOf<"insert-call">, source: SourceText): Edits {
  const beside = like.file === source.file ? statementAt(source, place) : null;
  const owner = beside && ownerOf(source, like, place);
  return beside && owner ? [inserted(source, beside, where, `${owner}.${underscored(method)}`)] : null;
}

/** What the object is called that a call is made on or makes, where a statement can call it so too. */
function ownerOf(source: SourceText, like: Site, place: Site): string | null {
  const call = callAt(source, like);
  if (!call) return null;
  if (!makesObject(call)) {
    const isPath = call.receiver !== null && /^[A-Za-z_][\w.]*$/u.test(call.receiver);
    return isPath && like.within === place.within ? call.receiver : null;
  }
  const [, name] = /^\s*([A-Za-z_]\w*)\s*=\s*$/u.exec(source.line(like.line).slice(0, like.column - 1)) ?? [];
  const isSeen = like.within === undefined || like.within === place.within;
  return name !== undefined && isSeen ? name : null;
}

/** A statement that is nothing but a call, on a line of its own. */
interface Statement {
  readonly line: number;
  readonly indent: string;
}

function statementAt(source: SourceText, site: Site): Statement | null {
  if (site.line !== site.endLine || !callAt(source, site)) return null;
  const line = source.line(site.line);
  const indent = line.slice(0, site.column - 1);
  const isAlone = indent.trim() === "" && /^\s*(?:#.*)?$/u.test(line.slice(site.endColumn - 1));
  return isAlone ? { line: site.line, indent } : null;
}

function move({ statement, place, where }: ChangeOf<"move">, source: SourceText): Edits {
  const moved = statement.file === source.file ? statementAt(source, statement) : null;
  const beside = statementAt(source, place);
  // Of another indentation it may be all that a block has.
  if (!moved || !beside || moved.indent !== beside.indent || statement.within !== place.within) return null;
  if (isOnlyOne(source, moved)) return null;
  const [start, end] = [source.offset(moved.line, 1), source.offset(moved.line + 1, 1)];
  return [source.edit(start, end, ""), inserted(source, beside, where, source.line(moved.line).trim())];
}

/** Whether a block may have no other statement: one begins before it, and what follows is further out. */
function isOnlyOne(source: SourceText, { line, indent }: Statement): boolean {
  const before = /:\s*(?:#.*)?$/u.test(source.line(line - 1));
  return before && !source.line(line + 1).startsWith(indent);
}

/** A line of its own beside a statement that has one. */
function inserted(
  source: SourceText,
  { line, indent }: Statement,
  where: "before" | "after",
  statement: string,
): SourceEdit {
  const start = source.offset(line, 1);
  if (where === "before") return source.edit(start, start, `${indent}${statement}\n`);
  const end = start + source.line(line).length;
  return source.edit(end, end, `\n${indent}${statement}`);
}

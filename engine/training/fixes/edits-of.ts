import type { SourceEdit } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import { callAt, type CallText } from "./call-text.ts";
import type { Change, NewNumber } from "./change.ts";
import { SourceText } from "./source-text.ts";

/** The edits that make changes. @returns none where the text of one of them is not what such a change is made in */
export function editsOf(changes: readonly Change[], textOf: (file: string) => string | null): readonly SourceEdit[] {
  const all: SourceEdit[] = [];
  for (const change of changes) {
    const file = placeOf(change).file;
    const text = textOf(file);
    const edits = text === null ? null : made(change, new SourceText(file, text));
    if (!edits) return [];
    all.push(...edits);
  }
  return all;
}

function placeOf(change: Change): Site {
  if ("call" in change) return change.call;
  return "before" in change ? change.before : change.place;
}

function made(change: Change, source: SourceText): readonly SourceEdit[] | null {
  switch (change.kind) {
    case "insert-call":
      return insertCall(change, source);
    case "move":
      return move(change, source);
    case "insert-layer":
      return insertLayer(change, source);
    default: {
      const call = callOf(source, change.call);
      return call && changedCall(change, call, source);
    }
  }
}

type CallChange = Extract<Change, { readonly call: Site }>;

function changedCall(change: CallChange, call: CallText, source: SourceText): readonly SourceEdit[] | null {
  switch (change.kind) {
    case "leave-out":
      return leaveOut(call, source);
    case "rename": {
      const start = call.nameRange.end - change.from.length;
      const isNamed = source.text.slice(start, call.nameRange.end) === change.from;
      return isNamed ? [source.edit(start, call.nameRange.end, change.to)] : null;
    }
    case "number":
      return number(change, call, source);
    case "word":
      return word(change, call, source);
    case "append":
      return [source.edit(call.end, call.end, change.text)];
    case "append-to-operand":
      return appendToOperand(change, call, source);
  }
}

function callOf(source: SourceText, site: Site): CallText | null {
  const call = callAt(source.text, source.offset(site.line, site.column));
  // What was read must end where the call that ran does.
  return call?.end === source.offset(site.endLine, site.endColumn) ? call : null;
}

function leaveOut(call: CallText, source: SourceText): readonly SourceEdit[] | null {
  const { text } = source;
  if (call.isNew) {
    const before = /,\s*$/u.exec(
      text.slice(0, call.nameRange.start - /new\s+$/u.exec(text.slice(0, call.nameRange.start))![0].length),
    );
    if (before && /^\s*[,)\]]/u.test(text.slice(call.end))) return [source.edit(before.index, call.end, "")];
    const last = call.name.lastIndexOf(".") + 1;
    return [source.edit(call.nameRange.start + last, call.end, "Identity()")];
  }
  if (!call.isFunction) return [source.edit(call.dot, call.end, "")];
  const [first] = call.args;
  if (!first) return null;
  return [
    source.edit(
      call.start,
      call.end,
      operand(text.slice(first.start, first.end), /^\s*[.[]/u.test(text.slice(call.end))),
    ),
  ];
}

/** An expression in the place of a call: in parentheses where something is called on it. */
function operand(text: string, isCalledOn: boolean): string {
  return isCalledOn && !/^[\w$.]+(?:\([^()]*\))?$/u.test(text) ? `(${text})` : text;
}

function number(
  { which, to }: Extract<Change, { kind: "number" }>,
  call: CallText,
  source: SourceText,
): readonly SourceEdit[] | null {
  const { text } = source;
  let range: { start: number; end: number } | undefined;
  if (typeof which === "number") {
    range = call.args[call.isFunction && !/_$/u.test(call.name) ? which + 1 : which];
  } else {
    const inside = text.slice(call.nameRange.end, call.end);
    const found = new RegExp(`\\b${which}\\s*:\\s*([^,}\\s]+)`, "u").exec(inside);
    if (found) {
      const start = call.nameRange.end + found.index + found[0].length - found[1]!.length;
      range = { start, end: start + found[1]!.length };
    }
  }
  const written = range && text.slice(range.start, range.end);
  if (!range || written === undefined || !/^-?[\d.][\d._]*(?:[eE][-+]?\d+)?$/u.test(written)) return null;
  const value = changed(Number(written.replaceAll("_", "")), to);
  return [source.edit(range.start, range.end, String(Number(value.toPrecision(6))))];
}

function changed(old: number, to: NewNumber): number {
  if ("set" in to) return to.set;
  return "times" in to ? old * to.times : 1 - old;
}

function word(
  { from, to }: Extract<Change, { kind: "word" }>,
  call: CallText,
  source: SourceText,
): readonly SourceEdit[] | null {
  const inside = source.text.slice(call.nameRange.end, call.end);
  const at = [...inside.matchAll(new RegExp(`(?<![\\w$.])${from}(?![\\w$])`, "gu"))];
  const [only] = at;
  if (!only || at.length > 1) return null;
  const start = call.nameRange.end + only.index;
  return [source.edit(start, start + from.length, to)];
}

function appendToOperand(
  { operand: which, text: suffix }: Extract<Change, { kind: "append-to-operand" }>,
  call: CallText,
  source: SourceText,
): readonly SourceEdit[] | null {
  const isCriterion = call.isFunction || call.name === "forward";
  if (!isCriterion && which === 0) return [source.edit(call.dot, call.dot, suffix)];
  const arg = call.args[isCriterion ? which : 0];
  if (!arg) return null;
  const written = source.text.slice(arg.start, arg.end);
  return [source.edit(arg.start, arg.end, operand(written, true) + suffix)];
}

function insertLayer(
  { before, layer }: Extract<Change, { kind: "insert-layer" }>,
  source: SourceText,
): readonly SourceEdit[] | null {
  const call = callOf(source, before);
  if (!call?.isNew) return null;
  const start = source.offset(before.line, before.column);
  if (!/,\s*$/u.test(source.text.slice(0, start))) return null;
  const namespace = call.name.slice(0, call.name.lastIndexOf(".") + 1);
  return [source.edit(start, start, `new ${namespace}${layer}(), `)];
}

function insertCall(
  { place, where, like, method }: Extract<Change, { kind: "insert-call" }>,
  source: SourceText,
): readonly SourceEdit[] | null {
  if (like.file !== source.file || !isStatement(source, place)) return null;
  const before = source.text.slice(0, source.offset(like.line, like.column));
  const [, receiver, assigned] =
    /([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)\s*\.\s*$|\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*$/u.exec(
      before,
    ) ?? [];
  const owner = receiver ?? assigned;
  return owner === undefined ? null : [inserted(source, place, where, `${owner}.${method};`)];
}

function move(
  { statement, place, where }: Extract<Change, { kind: "move" }>,
  source: SourceText,
): readonly SourceEdit[] | null {
  if (statement.file !== source.file || !isStatement(source, statement) || !isStatement(source, place)) return null;
  const [start, end] = [source.offset(statement.line, 1), source.offset(statement.line + 1, 1)];
  const text = source.line(statement.line).trim();
  return [source.edit(start, end, ""), inserted(source, place, where, text)];
}

/** Whether a call's line holds it as a statement and nothing else. */
function isStatement(source: SourceText, { line, endLine }: Site): boolean {
  return line === endLine && /^\s*[\w$.]+\([^;]*\);?\s*(?:\/\/.*)?$/u.test(source.line(line));
}

function inserted(source: SourceText, place: Site, where: "before" | "after", statement: string): SourceEdit {
  const [indent = ""] = /^\s*/u.exec(source.line(place.line)) ?? [];
  if (where === "before") {
    const at = source.offset(place.line, 1);
    return source.edit(at, at, `${indent}${statement}\n`);
  }
  const at = source.offset(place.line, 1) + source.line(place.line).length;
  return source.edit(at, at, `\n${indent}${statement}`);
}

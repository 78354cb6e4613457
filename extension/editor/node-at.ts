import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import type { TextPosition } from "./edited-positions.ts";

/** What stands under the pointer: a name with what it is a member of (`this.fc1.weight`), and where it is. */
export interface Place {
  /** In the text that ran, from 0. */
  readonly position: TextPosition;
  /** The dotted name up to and including the word under the pointer; empty when there is none. */
  readonly name: string;
  /** Whether the word names what is called: `relu` in `F.relu(x)`. */
  readonly called: boolean;
}

interface MadeNode {
  readonly node: NodeId;
  readonly site: Site;
  readonly label: string;
}

/**
 * The nodes that a place in a file means, in the order in which they were made; several when the line ran several times.
 * A variable means what was assigned to it; a call means what it returned.
 */
export function nodesAt(graph: PassGraph, made: readonly MadeNode[], place: Place): NodeId[] {
  if (!place.called) {
    const named = nodesNamed(graph, made, place);
    if (named.length > 0) return named;
  }
  return nodesCalled(made, place.position);
}

function nodesNamed(graph: PassGraph, made: readonly MadeNode[], { name, position }: Place): NodeId[] {
  const plain = name.replace(/\.(grad|shape|T)$/, "").replace(/^(?:this|self)\./, "");
  if (plain === "") return [];
  const variables = made.filter((one) => one.label === plain);
  if (variables.length > 0) {
    // The same name in two functions is two variables: the function around the pointer is that of the nearest one.
    const nearest = variables.reduce((best, one) =>
      distance(one.site, position) < distance(best.site, position) ? one : best,
    );
    return variables.filter((one) => one.site.within === nearest.site.within).map((one) => one.node);
  }
  const parameters: NodeId[] = [];
  for (let index = 0; index < graph.nodeCount; index++) {
    const node = index as NodeId;
    const label = labelOf(graph, node);
    if (
      label !== "" &&
      (label === plain || label.endsWith(`.${plain}`) || (label.includes(".") && plain.endsWith(`.${label}`)))
    ) {
      parameters.push(node);
    }
  }
  return parameters;
}

function distance(site: Site, position: TextPosition): number {
  const lines = position.line - (site.line - 1);
  // A use comes after its assignment.
  return lines >= 0 ? lines : 1e6 - lines;
}

function nodesCalled(made: readonly MadeNode[], position: TextPosition): NodeId[] {
  const around = made.filter(({ site }) => contains(site, position));
  const smallest = around.reduce<Site | null>(
    (best, { site }) => (!best || size(site) < size(best) ? site : best),
    null,
  );
  if (!smallest) return [];
  return around
    .filter(
      ({ site }) => site.line === smallest.line && site.column === smallest.column && size(site) === size(smallest),
    )
    .map((one) => one.node);
}

function contains(site: Site, { line, character }: TextPosition): boolean {
  const at = line + 1;
  const column = character + 1;
  if (at < site.line || at > site.endLine) return false;
  if (at === site.line && column < site.column) return false;
  return at < site.endLine || column <= site.endColumn;
}

function size(site: Site): number {
  return (site.endLine - site.line) * 1e4 + site.endColumn - site.column;
}

/** The dotted name that ends with the word at a column of a line, and whether it is called. */
export function nameAt(line: string, character: number): { name: string; called: boolean; start: number; end: number } {
  const isWord = (index: number): boolean => /[\p{L}\p{N}_$]/u.test(line[index] ?? "");
  let start = character;
  let end = character;
  while (start > 0 && isWord(start - 1)) start--;
  while (isWord(end)) end++;
  if (start === end) return { name: "", called: false, start, end };
  const before = /(?:[\p{L}\p{N}_$]+(?:\[\d+\])?\.)*$/u.exec(line.slice(0, start))?.[0] ?? "";
  const called = /^\s*(?:<[^>]*>)?\(/.test(line.slice(end));
  const dotted = before.replace(/\[(\d+)\]/g, ".$1") + line.slice(start, end);
  return { name: dotted, called, start, end };
}

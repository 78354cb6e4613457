import { history, isForeign } from "../autograd/history.ts";
import type { CapturedStack } from "../context/call-stack.ts";
import type { LiveFrame } from "../protocol/engine.ts";
import type { Frame } from "../protocol/failure.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import { collectStacks, type CallStacks } from "../recording/call-stacks.ts";
import type { SiteRegistry } from "./loader/site-registry.ts";

/** Tells the user's frames, innermost first. */
export interface StackReader {
  here(): readonly Frame[];
  read(stack: CapturedStack): readonly Frame[];
}

/** The user's frames in the thread that runs the program: those of now, and those that called the ops of kept passes. */
export class ProgramStacks {
  readonly #reader: StackReader;
  readonly #registry: SiteRegistry;

  constructor(reader: StackReader, registry: SiteRegistry) {
    this.#reader = reader;
    this.#registry = registry;
  }

  /** The frames of now. Those that called a pass which is still running say which. */
  here(): readonly LiveFrame[] {
    const frames: LiveFrame[] = [...this.#reader.here()];
    let outermost = frames.length;
    for (const { id, kind, site } of history.running) {
      const called = this.#registry.get(site);
      const at = frames.findLastIndex(
        (frame, i) => i < outermost && frame.site.file === called?.file && frame.site.line === called.line,
      );
      if (at < 0) continue;
      frames[at] = { ...frames[at]!, runs: { pass: id, kind } };
      outermost = at;
    }
    return frames;
  }

  /** The frames that called an op of a kept pass; none where they were not noted. */
  ofOp(pass: PassId, row: NodeId): readonly Frame[] {
    const stack = captured(pass).get(row);
    return stack ? this.#reader.read(stack) : [];
  }

  /** The frames of all ops of a kept pass. */
  ofPass(pass: PassId): CallStacks {
    return collectStacks([...captured(pass)].map(([row, stack]) => [row, this.#reader.read(stack)] as const));
  }
}

function captured(id: PassId): ReadonlyMap<number, CapturedStack> {
  const pass = history.ended.find((candidate) => candidate.id === id);
  if (pass === undefined) return new Map();
  return isForeign(pass) ? pass.source.stacks : pass.stacks;
}

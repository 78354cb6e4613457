import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { labelOf, siteOf, nodeTitle } from "../../engine/recording/graph-rows.ts";
import type { AdapterProgress } from "./adapter-progress.ts";
import { evaluate } from "./evaluate.ts";
import { readMemory } from "./memory.ts";
import { otherFrameId } from "./rank-threads.ts";
import { failureRows, frameName, toStackFrame, type StackRow } from "./stack.ts";
import { StopSnapshot } from "./stop-snapshot.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { VariableStore } from "./variable-store.ts";
import { scopesOfRow } from "./variables.ts";
import { WhatIfEdits } from "./what-if-edits.ts";

/** Answers the protocol's requests about what a stop shows: stack, scopes, variables, expressions, places to jump to. */
export class InspectionRequests {
  readonly #session: GradientSession;
  readonly #variables = new VariableStore();
  #snapshot: StopSnapshot | null = null;
  /** What the file failed with, where the stop is shown because of that. */
  #failure: Failure | null = null;
  readonly #whatIf: WhatIfEdits;
  #gotoTargets: readonly NodeId[] = [];

  readonly #pathOf: (file: string) => Promise<string>;

  /** @param pathOf where VS Code finds a source as it ran */
  constructor(session: GradientSession, pathOf: (file: string) => Promise<string>, progress: AdapterProgress) {
    this.#session = session;
    this.#pathOf = pathOf;
    this.#whatIf = new WhatIfEdits(session, progress);
  }

  /** The stop's rows; over them where the file failed, when that is elsewhere: VS Code shows an error at the topmost. */
  #rowsOf({ rows }: StopSnapshot): readonly StackRow[] {
    const failure = this.#failure;
    const at = rows[0]?.site;
    if (!failure?.site || (at?.file === failure.site.file && at.line === failure.site.line)) return rows;
    return [...failureRows(failure), ...rows];
  }

  /** What was read of the last stop is void. */
  forget(): void {
    this.#snapshot = null;
  }

  /** Begins to read a stop before anybody asks: VS Code asks for threads first, and only then for the stack. */
  prepare(): void {
    // Whoever asks hears of what goes wrong.
    this.#current().catch(() => undefined);
  }

  /** @param failure shown in place of a stop when there is none */
  async stack(
    { startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
    failure: Failure | null,
  ): Promise<DebugProtocol.StackTraceResponse["body"]> {
    this.#failure = failure;
    const snapshot = await this.#current();
    const rows = snapshot ? this.#rowsOf(snapshot) : failure ? failureRows(failure) : [];
    const end = levels > 0 ? startFrame + levels : rows.length;
    const shown = rows.slice(startFrame, end);
    const paths = await Promise.all(shown.map(async ({ site }) => (site ? this.#pathOf(site.file) : "")));
    return {
      stackFrames: shown.map((row, index) => toStackFrame(row, startFrame + index, paths[index] ?? "")),
      totalFrames: rows.length,
    };
  }

  /** Where a rank that is not shown stands still. */
  async stackOfRank(
    rank: number,
    { startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
  ): Promise<DebugProtocol.StackTraceResponse["body"]> {
    const frames = await this.#session.engine.framesOfRank(rank);
    const shown = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
    const paths = await Promise.all(shown.map(({ site }) => this.#pathOf(site.file)));
    const stackFrames = shown.map(({ name, site }, index) => {
      const row: StackRow = { kind: "live", name: frameName({ name }), site, liveFrame: startFrame + index };
      return toStackFrame(row, otherFrameId(rank, startFrame + index), paths[index] ?? "");
    });
    return { stackFrames, totalFrames: frames.length };
  }

  /** Somebody chose a frame of a rank that is not shown: it is from now on, and its stop is announced. */
  async showRank(rank: number): Promise<DebugProtocol.ScopesResponse["body"]> {
    await this.#session.engine.selectRank(rank);
    return { scopes: [] };
  }

  async scopes(frame: number): Promise<DebugProtocol.ScopesResponse["body"]> {
    const snapshot = await this.#current();
    const row = snapshot && this.#rowsOf(snapshot)[frame];
    const whatIf = snapshot && this.#whatIf.scope(snapshot.view);
    const scopes = snapshot && row ? [...(whatIf ? [whatIf] : []), ...scopesOfRow(snapshot.view, row)] : [];
    return {
      scopes: scopes.map(({ name, hint, expensive, content }) => ({
        name,
        expensive,
        variablesReference: this.#variables.add(content),
        namedVariables: content.named,
        ...(hint ? { presentationHint: hint } : {}),
      })),
    };
  }

  async variables(args: DebugProtocol.VariablesArguments): Promise<DebugProtocol.VariablesResponse["body"]> {
    return { variables: await this.#variables.children(args) };
  }

  async evaluate(args: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse["body"]> {
    const snapshot = await this.#current();
    if (!snapshot) throw new Error(t("Nothing can be read while the file is running."));
    const row = args.frameId === undefined ? undefined : this.#rowsOf(snapshot)[args.frameId];
    const entry = await evaluate(snapshot.view, args.expression.trim(), row?.liveFrame ?? 0);
    const { name: _, value, ...rest } = this.#variables.variable(entry);
    return { result: value, ...rest };
  }

  async completions(args: DebugProtocol.CompletionsArguments): Promise<DebugProtocol.CompletionsResponse["body"]> {
    const snapshot = await this.#current();
    if (!snapshot) return { targets: [] };
    const before = args.text.slice(0, args.column - 1);
    const typed = /[\p{L}\p{N}_$.]*$/u.exec(before)?.[0] ?? "";
    const { graph, session } = snapshot.view;
    const row = args.frameId === undefined ? undefined : this.#rowsOf(snapshot)[args.frameId];
    const locals = await session.engine.locals(row?.liveFrame ?? 0).catch(() => []);
    const names = new Set(locals.map(({ name }) => name));
    for (let node = 0; node < graph.nodeCount; node++) names.add(labelOf(graph, node));
    const fitting = [...names].filter((name) => name !== "" && name.startsWith(typed)).sort();
    return {
      targets: fitting.map((label) => ({ label, start: before.length - typed.length, length: typed.length })),
    };
  }

  /** Sets one element, and runs again what depends on it. */
  async setVariable(args: DebugProtocol.SetVariableArguments): Promise<DebugProtocol.SetVariableResponse["body"]> {
    const element = this.#variables.element(args.variablesReference, args.name);
    if (!element) throw new Error(t("Only single elements of a value or a gradient can be set."));
    const value = Number(args.value);
    if (args.value.trim() === "" || Number.isNaN(value)) throw new Error(t`“${args.value}” is not a number.`);
    const { pass, ...place } = element;
    await this.#whatIf.set(pass, { ...place, value });
    return { value: t`${numberText(value)}  (what if: ${this.#whatIf.summary})` };
  }

  /** @returns whether there was anything to take back */
  undoWhatIf(): boolean {
    return this.#whatIf.undo();
  }

  readMemory(args: DebugProtocol.ReadMemoryArguments): Promise<DebugProtocol.ReadMemoryResponse["body"]> {
    return readMemory(this.#session.engine, args);
  }

  /** The tensor whose gradient a row of the Variables view stands for. */
  dataBreakpoint(args: DebugProtocol.DataBreakpointInfoArguments): DebugProtocol.DataBreakpointInfoResponse["body"] {
    const { variablesReference, name } = args;
    const expression = variablesReference ? this.#variables.evaluateName(variablesReference, name) : name;
    const tensor = expression?.replace(/\.grad$/, "") ?? null;
    if (tensor === null) {
      return { dataId: null, description: t("Only the gradient of a variable or a parameter can be watched.") };
    }
    return { dataId: tensor, description: t`gradient of ${tensor}`, accessTypes: ["write"], canPersist: true };
  }

  async gotoTargets(args: DebugProtocol.GotoTargetsArguments): Promise<DebugProtocol.GotoTargetsResponse["body"]> {
    const snapshot = await this.#current();
    if (!snapshot) return { targets: [] };
    const { graph } = snapshot.view;
    const nodes = Array.from({ length: graph.nodeCount }, (_, index) => index as NodeId);
    this.#gotoTargets = nodes.filter((node) => {
      const site = siteOf(graph, node);
      return site?.file === args.source.path && site?.line === args.line;
    });
    return {
      targets: this.#gotoTargets.map((node, id) => ({
        id,
        label: nodeTitle(graph, node),
        line: siteOf(graph, node)?.line ?? args.line,
        column: siteOf(graph, node)?.column ?? 1,
      })),
    };
  }

  /** The node of a target that was offered last. */
  gotoTarget(id: number): NodeId | null {
    return this.#gotoTargets[id] ?? null;
  }

  /** The stop as it stands, read once however many requests ask about it. */
  async #current(): Promise<StopSnapshot | null> {
    const session = this.#session;
    if (!session.readable || !session.cursor) return null;
    if (!this.#snapshot?.isAt(session.cursor)) {
      this.#variables.clear();
      this.#snapshot = new StopSnapshot(session, session.cursor);
    }
    const snapshot = this.#snapshot;
    await snapshot.load();
    return snapshot;
  }
}

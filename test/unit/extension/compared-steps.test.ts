import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { CancellationToken } from "vscode";
import type { PassId } from "../../../engine/protocol/ids.ts";
import type { Cursor } from "../../../engine/protocol/cursor.ts";
import { ComparedSteps, type ComparingPanel } from "../../../extension/recordings/compared-steps.ts";

const pass = (number: number): PassId => number as PassId;

/** A panel and its session that note what they are asked for. */
class ScriptedPanel implements ComparingPanel {
  readonly did: string[] = [];
  /** Files that were set aside, and those that the panel was given. */
  readonly saved: string[] = [];
  readonly compared: string[] = [];
  isCancelled = false;
  /** What goes on while the program runs again. */
  again: (to: PassId) => Promise<void> = () => Promise.resolve();

  readonly session: NonNullable<ComparingPanel["session"]> = {
    saveRecording: async (file, passes) => {
      this.did.push(`save ${String(passes)}`);
      this.saved.push(file);
      if (this.isCancelled) return null;
      await writeFile(file, "");
      return { passes: 1, nodes: 1, bytes: 0, notes: [] } as never;
    },
    goToPass: async (to) => {
      this.did.push(`go to ${to}`);
      await this.again(to);
      return {} as Cursor;
    },
  };

  compareWith(file: string, with_: PassId): void {
    assert.ok(existsSync(file), "what is compared with is there");
    this.did.push(`compare with ${with_}`);
    this.compared.push(file);
  }
}

describe("comparing steps of which not both are kept", () => {
  let panel: ScriptedPanel;
  let steps: ComparedSteps;
  const isLeft = (file: string | undefined): boolean => existsSync(path.dirname(file!));

  beforeEach(() => {
    panel = new ScriptedPanel();
    steps = new ComparedSteps((_, save) => save({} as CancellationToken));
  });
  afterEach(() => steps.dispose());

  it("sets the shown one aside before it goes to the other, and compares there", async () => {
    await steps.compare(panel, pass(900), pass(3));
    assert.deepEqual(panel.did, ["save 900", "go to 3", "compare with 900"]);
    assert.ok(isLeft(panel.saved[0]), "the panel may compare with it again");
  });

  it("keeps no more than the file that the panel compares with", async () => {
    await steps.compare(panel, pass(900), pass(3));
    await steps.compare(panel, pass(3), pass(5));
    assert.deepEqual(panel.saved.map(isLeft), [false, true]);
  });

  it("stays at the shown one where keeping it is cancelled, and leaves no file", async () => {
    panel.isCancelled = true;
    await steps.compare(panel, pass(900), pass(3));
    assert.deepEqual(panel.did, ["save 900"]);
    assert.ok(!isLeft(panel.saved[0]));
  });

  it("says why the other could not be reached, leaves no file, and what was compared before stays", async () => {
    await steps.compare(panel, pass(900), pass(3));
    panel.again = () => Promise.reject(new Error("the runs part at pass 2"));
    await assert.rejects(steps.compare(panel, pass(3), pass(5)), /part at pass 2/);
    assert.equal(panel.compared.length, 1);
    assert.deepEqual(panel.saved.map(isLeft), [true, false]);
  });

  it("shows the last of two that are asked for at once", async () => {
    panel.again = async (to) => {
      if (to === 3) await steps.compare(panel, pass(900), pass(5));
    };
    await steps.compare(panel, pass(900), pass(3));
    assert.deepEqual(panel.compared, [panel.saved[1]]);
    assert.deepEqual(panel.saved.map(isLeft), [false, true]);
  });
});

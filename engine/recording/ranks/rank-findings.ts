import type { Finding, Severity } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import type { CallMismatch } from "./call-order.ts";
import { oddTexts } from "./relations.ts";
import type { RankCall, RankLeaf, RankPass, RankReduction, RankStep } from "./rank-reports.ts";

interface Seen {
  readonly rule: string;
  readonly severity?: Severity;
  readonly text: string;
  readonly site: Site | null;
  readonly related?: Finding["related"];
  readonly evidence: Finding["evidence"];
  readonly pass: number | null;
  readonly row?: number | null;
}

function finding({ rule, severity = "error", text, site, related = [], evidence, pass, row = null }: Seen): Finding {
  return { rule, severity, text, site, related, evidence, pass, step: row };
}

/** "rank 1", "ranks 1 and 3". */
export function rankNames(ranks: readonly number[]): string {
  const last = ranks.at(-1)!;
  if (ranks.length === 1) return `rank ${last}`;
  return `ranks ${ranks.slice(0, -1).join(", ")} and ${last}`;
}

const verb = (ranks: readonly number[], one: string, several: string): string => (ranks.length === 1 ? one : several);

/** "fc.weight, which linear reads". */
function reading(leaf: RankLeaf): string {
  return leaf.op === null ? leaf.name : `${leaf.name}, which ${leaf.op} reads here`;
}

/** What has gone before a parameter that is not the same on all ranks. */
export interface History {
  /** Whether it was the same in an earlier pass. */
  readonly wasEqual: boolean;
  /** How many steps each rank's optimizers have made. */
  readonly steps: ReadonlyMap<number, number>;
  readonly seeds: ReadonlyMap<number, number>;
}

export function weightsDiffer(odd: readonly number[], pass: RankPass, leaf: RankLeaf, past: History): Finding {
  const who = rankNames(odd);
  const evidence = { rank: odd[0]!, pass: pass.pass + 1 };
  const at = { site: leaf.site, evidence, pass: pass.pass, row: leaf.row };
  const counts = [...past.steps.values()];
  if (past.wasEqual && counts.some((count) => count !== counts[0])) {
    const made = [...past.steps].map(([rank, count]) => `${count} on rank ${rank}`).join(" and ");
    return finding({
      rule: "rank-steps",
      text: `Before pass ${pass.pass + 1} the optimizers have made another number of steps, ${made}: a rank that leaves a step out trains another model from there on. ${reading(leaf)}, is no longer the same on ${who}. Let every rank step, or none.`,
      ...at,
    });
  }
  if (past.wasEqual) {
    return finding({
      rule: "rank-weights",
      text: `${reading(leaf)}, is not the same on ${who} as on the others from pass ${pass.pass + 1} on, although the gradients and the settings of the last step were: something else has written to it, or the optimizer's own state differs. Ranks average the gradients of different models from here on.`,
      ...at,
    });
  }
  const seeds = [...new Set(past.seeds.values())];
  const cause =
    leaf.promise !== "by-hand"
      ? " DistributedDataParallel gave all ranks the same weights when it wrapped the model, so something has written to them since, on some ranks only: load weights before wrapping, or on every rank."
      : seeds.length > 1
        ? ` They drew their numbers from different seeds (${seeds.join(", ")}): seed them alike before the model is made, or broadcast its weights.`
        : " Load the same weights on every rank, or broadcast them.";
  return finding({
    rule: "rank-initial-weights",
    text: `The ranks start with different weights: ${reading(leaf)}, is not the same on ${who} as on the others in the first pass that ${verb(odd, "it is", "they are")} compared in.${cause}`,
    ...at,
  });
}

export function reducedDiffers(odd: readonly number[], pass: RankPass, leaf: RankLeaf): Finding {
  return finding({
    rule: "rank-reduced",
    text: `The reduced gradient of ${reading(leaf)}, is not the same on ${rankNames(odd)} as on the others after pass ${pass.pass + 1}: something has written to it during the backward pass, or the ranks reduced different passes together.`,
    ...{ site: leaf.site, pass: pass.pass, row: leaf.row, evidence: { rank: odd[0]!, pass: pass.pass + 1 } },
  });
}

export function wronglyReduced(pass: RankPass, leaf: RankLeaf, off: number, ranks: number): Finding {
  const { divisor } = leaf;
  const isMean = divisor === null;
  const relation = isMean ? "the mean" : divisor === 1 ? "the sum" : `the sum, divided by ${divisor},`;
  return finding({
    rule: isMean ? "rank-not-mean" : "rank-not-sum",
    text: `The reduced gradient of ${reading(leaf)}, is not ${relation} of what the ${ranks} ranks computed in pass ${pass.pass + 1}, by ${off.toPrecision(2)} times what rounding explains: a hook changed it, or a rank reduced another pass with this one.`,
    ...{ site: leaf.site, pass: pass.pass, row: leaf.row, evidence: { times: off, pass: pass.pass + 1 } },
  });
}

/** A communication hook that leaves out the division. */
export function hookSums(pass: RankPass, leaf: RankLeaf, ranks: number): Finding {
  return finding({
    rule: "rank-hook-sum",
    severity: "note",
    text: `The communication hook gives the sum of what the ${ranks} ranks computed, as for ${reading(leaf)}: ${ranks} times the mean that DistributedDataParallel gives without it. If the learning rate is not meant for a sum, divide by the number of ranks.`,
    ...{ site: leaf.site, pass: pass.pass, row: leaf.row, evidence: { ranks, pass: pass.pass + 1 } },
  });
}

/** Gradients of different parameters that the script adds to each other. */
export function reducedTogether(odd: readonly number[], told: ReadonlyMap<number, RankReduction>): Finding {
  const said = [...told].map(([rank, { name }]) => `rank ${rank} that of ${name}`).join(", ");
  const { site, turn, pass } = told.get(odd[0]!)!;
  return finding({
    rule: "rank-not-sum",
    text: `The ranks add gradients of different parameters: in their ${turn}${ordinal(turn)} all_reduce of a gradient ${said}. Go through the parameters in the same order on every rank.`,
    ...{ site, pass, evidence: { rank: odd[0]!, call: turn } },
  });
}

export function sumIsNone(rank: number, { name, site, turn, pass, divisor }: RankReduction, off: number): Finding {
  const relation = divisor === null ? "the mean" : "the sum";
  return finding({
    rule: "rank-not-sum",
    text: `What all_reduce gives rank ${rank} for the gradient of ${name} is not ${relation} of what the ranks brought, by ${off.toPrecision(2)} times what rounding explains: it was written to while it was reduced, or ranks reduced others with it.`,
    ...{ site, pass, evidence: { rank, call: turn, times: off } },
  });
}

export function notFinite(ranks: readonly number[], pass: RankPass): Finding {
  const bad = pass.bad!;
  const what = bad.label === "" ? `what ${bad.op} computes` : `${bad.label}, which ${bad.op} reads,`;
  const where = bad.when === "forward" ? what : `the gradient of ${what}`;
  return finding({
    rule: "rank-not-finite",
    text: `On ${rankNames(ranks)} alone ${where} is not finite in pass ${pass.pass + 1}. Reduced with the others it spoils the gradients of all ranks.`,
    ...{ site: bad.site, pass: pass.pass, row: bad.row, evidence: { rank: ranks[0]!, pass: pass.pass + 1 } },
  });
}

/** @param isFatal a rank failed of it, or waits for it */
export function unused(
  ranks: readonly number[],
  pass: RankPass,
  leaves: readonly RankLeaf[],
  isFatal: boolean,
): Finding {
  const names = leaves.map(({ name }) => name);
  const shown = names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ");
  const advice = isFatal
    ? "The wrapper waits for a gradient that never comes. Let every rank use every parameter, or wrap the model with find_unused_parameters=True."
    : "They count as zero in the mean, which divides by all ranks.";
  return finding({
    rule: "rank-unused-parameter",
    severity: isFatal ? "error" : "note",
    text: `Pass ${pass.pass + 1} did not use ${shown} on ${rankNames(ranks)}. ${advice}`,
    ...{
      site: pass.site,
      pass: pass.pass,
      evidence: { rank: ranks[0]!, pass: pass.pass + 1, parameters: names.length },
    },
  });
}

/** A setting of an optimizer, or the scale of a scaler, that is not the same everywhere. */
export function settingDiffers(
  name: string,
  values: ReadonlyMap<number, string>,
  odd: readonly number[],
  step: RankStep,
  pass: number,
): Finding {
  const rule = name === "lr" ? "rank-learning-rate" : name === "scale" ? "rank-scaler" : "rank-setting";
  const what = name === "lr" ? "learning rate" : name === "scale" ? "gradient scaler's scale" : name;
  const said = [...values].map(([rank, value]) => `${value} on rank ${rank}`).join(", ");
  return finding({
    rule,
    text: `${step.optimizer.name} makes its step ${step.step} with another ${what} on ${rankNames(odd)}: ${said}. From here on the ranks train different models.`,
    ...{ site: step.site, pass, evidence: { rank: odd[0]!, step: step.step } },
  });
}

/** @param leaf the parameter in the last pass of a rank that differs, if it was in one */
export function gradientDiffers(
  name: string,
  odd: readonly number[],
  step: RankStep,
  pass: number,
  leaf: RankLeaf | null,
): Finding {
  const who = rankNames(odd);
  const at = { pass, row: leaf?.row ?? null, evidence: { rank: odd[0]!, step: step.step } };
  const stepped = { text: `${step.optimizer.name} steps with it`, site: step.site };
  const related = step.site === null ? [] : [{ ...stepped, site: step.site }];
  if (leaf?.promise === "bypassed") {
    return finding({
      rule: "rank-bypassed",
      text: `${leaf.op ?? "The pass"} reads ${leaf.name} outside of the call of its DistributedDataParallel wrapper, so that its gradient was not reduced: in step ${step.step} it is another on ${who}. Call the wrapper, not the module inside of it.`,
      ...{ site: leaf.site, related, ...at },
    });
  }
  if (leaf?.promise === "postponed") {
    return finding({
      rule: "rank-not-reduced",
      text: `Step ${step.step} is made with gradients that were not reduced: that of ${name} is another on ${who}. The last forward and backward pass before a step must be outside of no_sync().`,
      ...{ site: step.site, ...at },
    });
  }
  return finding({
    rule: "rank-gradient",
    text: `Step ${step.step} is made with another gradient of ${name} on ${who}, although it was reduced: something has changed it between backward() and the step, such as clipping or scaling on one rank.`,
    ...{ site: step.site, related: leaf?.site ? [{ text: `${leaf.op} reads ${name}`, site: leaf.site }] : [], ...at },
  });
}

export function callsDiffer({ place, calls }: CallMismatch): Finding {
  const names = new Map([...calls].map(([rank, { call }]) => [rank, call]));
  const said = [...names].map(([rank, call]) => `rank ${rank} calls ${call}`).join(", ");
  const related = [...calls].flatMap(([rank, { call, site }]) =>
    site ? [{ text: `rank ${rank}: ${call}`, site }] : [],
  );
  const odd = oddTexts(names);
  const site = calls.get(odd[0]!)?.site ?? null;
  return finding({
    rule: "rank-call",
    text: `The ranks call different collectives as their ${place + 1}${ordinal(place + 1)}: ${said}. Each waits for the others to make its own call, or takes another's data for it.`,
    ...{ site, related, pass: null, evidence: { rank: odd[0]!, call: place + 1 } },
  });
}

/** @param missing ranks that have ended without the call */
export function callNeverMade(waiting: readonly number[], call: RankCall, missing: readonly number[]): Finding {
  return finding({
    rule: "rank-call-missing",
    text: `${capital(rankNames(waiting))} ${verb(waiting, "waits", "wait")} in ${call.call} for ${rankNames(missing)}, which ${verb(missing, "has", "have")} ended without that call. Every rank of a group must make the same collective calls.`,
    ...{ site: call.site, pass: null, evidence: { rank: missing[0]! } },
  });
}

/** What a source file says on one rank. */
export interface RankSource {
  readonly rank: number;
  readonly text: string;
}

/** A source file that is another on some rank; null where nothing but remarks and empty lines differ. */
export function codeDiffers(one: RankSource, other: RankSource & { readonly file: string }): Finding | null {
  const [ours, theirs] = [codeLines(one.text), codeLines(other.text)];
  const at = theirs.findIndex(({ code }, index) => code !== ours[index]?.code);
  const index = at >= 0 ? at : theirs.length < ours.length ? theirs.length : -1;
  if (index < 0) return null;
  const said = (line: CodeLine | undefined): string => (line ? `\`${line.code.trim()}\`` : "nothing more");
  const { line, code } = theirs[index] ?? { line: other.text.split("\n").length, code: "" };
  const [start, end] = [code.length - code.trimStart().length + 1, Math.max(code.length, 1) + 1];
  return finding({
    rule: "rank-code",
    severity: "note",
    text: `The ranks run different code: line ${line} of ${nameOf(other.file)} on ${rankNames([other.rank])} is ${said(theirs[index])}, on ${rankNames([one.rank])} ${said(ours[index])}. Start all ranks with one version of it.`,
    ...{ site: { file: other.file, line, column: start, endLine: line, endColumn: end }, pass: null },
    evidence: { rank: other.rank, line },
  });
}

interface CodeLine {
  /** From 1. */
  readonly line: number;
  readonly code: string;
}

function codeLines(text: string): readonly CodeLine[] {
  const lines = text.split("\n").map((code, index) => ({ line: index + 1, code: code.trimEnd() }));
  return lines.filter(({ code }) => !/^\s*(?:#|$)/u.test(code));
}

function nameOf(file: string): string {
  return file.split(/[\\/]/u).at(-1)!;
}

function ordinal(place: number): string {
  if (place % 100 >= 11 && place % 100 <= 13) return "th";
  return ["th", "st", "nd", "rd"][place % 10] ?? "th";
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

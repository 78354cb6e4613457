import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runSession } from "../../engine/command-line/session-run.ts";
import { isAlarm, type Finding } from "../../engine/protocol/finding.ts";
import { pythons } from "./pythons.ts";

const [python] = pythons;

async function found(script: string, args: readonly string[]): Promise<readonly Finding[]> {
  let findings: readonly Finding[] = [];
  await runSession(
    {
      ...{ file: script, args, threads: 0, seed: null },
      python: { interpreter: python ?? null, module: false, cwd: fileURLToPath(new URL(".", import.meta.url)) },
    },
    { stopOn: { kind: "none" }, findings: true, log: false },
    { found: (all) => (findings = all) },
  );
  return findings.filter(isAlarm);
}

function scriptOf(name: string): string {
  return fileURLToPath(new URL(`trainings/${name}.py`, import.meta.url));
}

/** What is to be found in functions of a script, as comments at the ends of their lines say it. */
function marked(script: string, functions: readonly string[]): readonly string[] {
  const lines = readFileSync(script, "utf8").split("\n");
  let within = "";
  return lines.flatMap((line, i) => {
    [, within = within] = /^def (\w+)/u.exec(line) ?? [];
    const [, rule] = / {2}# ([a-z-]+)$/u.exec(line) ?? [];
    return rule && functions.includes(within) ? [`${rule} ${i + 1}`] : [];
  });
}

const TOGETHER = [
  ...["scores_into_nll", "softmax_into_cross_entropy", "sigmoid_into_bce_logits", "broadcast_by_the_loss"],
  ...["broadcast_by_hand", "wrong_sign", "no_zero_grad", "no_step", "cut_by_detach", "cut_by_no_grad"],
  ...["cut_by_item", "cut_by_argmax", "left_in_evaluation", "clipped_to_nothing", "momentum_of_one"],
  ...["layer_never_used", "state_of_the_pass_before", "layers_in_a_list", "by_hand_without_reset"],
  ...["cut_by_data", "state_cut_at_each_step", "by_assignment_without_reset"],
  ...["values_that_let_gradient_through"],
];
/** Their rules argue from the first or the last of a run, or from its loss: what else runs must not be in their way. */
const APART = [
  ["not_in_the_optimizer", "reset_before_the_step"],
  ["exploding", "dead_units"],
  ["rate_too_high"],
  ["rate_too_low"],
  ["by_hand_uphill"],
  ["by_hand_uphill_by_assignment"],
  ["picked_by_different_indices"],
  ["targets_flipped_alone"],
  ["replaced_behind_the_optimizer"],
  ["data_outside_of_a_root"],
  ["read_as_numbers"],
  ["other_part_told_to_learn"],
  ["bonus_for_entropy"],
  ["own_answers_by_max"],
  ["state_goes_on_into_other_sequences"],
  ["one_batch_again_and_again"],
  ["last_layers_frozen"],
  ["numbers_read_and_computed_with"],
  ["directions_joined_by_view", "directions_of_the_last_layer_joined_by_reshape"],
  ["one_batch_of_labels_made_of_some_inputs"],
  ["one_batch_of_numbers"],
  ["own_answers_detached"],
  ["own_answers_of_a_call_detached"],
  ["inputs_put_into_another_order"],
  ["inputs_of_each_batch_picked_alone"],
  ["layer_told_to_learn_by_an_attribute"],
  ["wrong_sign_of_layers_that_size_themselves"],
  ["staircase_stepped_per_batch"],
  ["cosine_stepped_per_batch"],
  ["milestones_stepped_per_batch"],
  ["rare_answers_of_one_unit"],
  ["array_put_into_another_order"],
  ["list_shuffled_alone"],
];

/** Runs that the right trainings are shared out among. */
const PARTS = 4;

describe("Findings about the training of a PyTorch script", function () {
  this.timeout(600_000);
  before(function () {
    if (pythons.length === 0) this.skip();
  });
  const wrong = scriptOf("wrong");
  for (const functions of [TOGETHER, ...APART]) {
    it(`name what is wrong, and the line: ${functions.join(", ")}`, async () => {
      const findings = await found(wrong, functions);
      const places = findings.map(({ rule, site }) => `${rule} ${site?.line ?? 0}`);
      assert.deepEqual(places.toSorted(), marked(wrong, functions).toSorted());
      for (const { text } of findings) assert.doesNotMatch(text, /zeroGrad|nllLoss|crossEntropy|requiresGrad/u);
    });
  }

  for (let part = 0; part < PARTS; part++) {
    it(`say nothing about right trainings, however odd they look: part ${part + 1} of ${PARTS}`, async () => {
      assert.deepEqual(await found(scriptOf("right"), [`${part}`, `${PARTS}`]), []);
    });
  }
});

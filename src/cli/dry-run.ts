/** `train --dry-run`: the plan of a training, printed. */
import { type MemoryNeed, planTraining, type TrainingPlan } from "../app/train/plan.ts";
import { formatBytes, formatCount, formatDuration } from "../base/format.ts";
import { dataSentence } from "../narration/data-sentence.ts";
import { textTable } from "../narration/table.ts";
import { showValue } from "../training/config/describe.ts";
import { EXIT, type Invocation } from "./command.ts";
import { contextOf } from "./narrate.ts";
import { inFlags } from "./option-words.ts";
import { profileText } from "./profile-text.ts";
import { readTrainOptions } from "./train-options.ts";

/** Run `train --dry-run`. @returns the exit code */
export async function dryRun(invocation: Invocation): Promise<number> {
  const { output, options } = invocation;
  const found = await planTraining(readTrainOptions(invocation), contextOf(output), options.text("profile"));
  const plan: TrainingPlan = {
    ...found,
    values: found.values.map((row) => ({ ...row, reason: inFlags(row.reason) })),
    run: { ...found.run, sentence: inFlags(found.run.sentence) },
  };
  if (plan.profile) output.line(`\n${profileText(plan.profile)}`);
  output.result(planText(plan), plan);
  return EXIT.done;
}

function planText({ values, data, parameters, run, memory, measured, estimate }: TrainingPlan): string {
  const { generator, discriminator } = parameters;
  return [
    `\n${textTable(values.map((row) => [row.path, showValue(row.value), row.unit, row.reason]))}\n`,
    textTable([
      ["data", dataSentence(data)],
      ...data.notes.map((note) => ["", note]),
      [
        "networks",
        `generator ${formatCount(generator)}, discriminator ${formatCount(discriminator)} parameters`,
      ],
      ["run folder", run.sentence],
      ["memory", memorySentence(memory)],
      [
        "step",
        `${formatDuration(measured.stepSeconds)} (measured), a grid of samples ${formatDuration(measured.sampleSeconds)}`,
      ],
      [
        "time",
        `${formatCount(estimate.steps)} steps in about ${formatDuration(estimate.seconds)}: done at ${new Date(estimate.end).toLocaleString("sv-SE").slice(0, 16)}`,
      ],
    ]),
  ].join("\n");
}

function memorySentence({ state, measuredPeak, limit }: MemoryNeed): string {
  const tight =
    measuredPeak > 0.8 * limit ? "; this is tight: use a smaller training.batchSize or widths" : "";
  return `${formatBytes(measuredPeak)} at the peak (measured), ${formatBytes(state)} of it weights and moments; this process may have ${formatBytes(limit)}${tight}`;
}

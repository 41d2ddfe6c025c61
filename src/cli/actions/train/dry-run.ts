/**
 * `train --dry-run`: the plan of a training, printed: what matters on a screen, with `--all` every
 * value of the configuration too.
 */
import {
  type MemoryNeed,
  type PlannedRow,
  planTraining,
  type TrainingPlan,
} from "../../../app/train/plan.ts";
import { formatBytes, formatCount, formatDuration } from "../../../base/text/format/index.ts";
import { dataSentence } from "../../../narration/data-sentence.ts";
import { textTable } from "../../../narration/table.ts";
import { showValue } from "../../../training/config/describe.ts";
import { EXIT, type Invocation } from "../../command.ts";
import { inFlags } from "../../options/option-words.ts";
import { readTrainOptions } from "../../options/train-options.ts";
import { contextOf } from "../../terminal/narrate.ts";
import { profileText } from "./profile-text.ts";

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
  output.result(planText(plan, options.flag("all") === true), plan);
  return EXIT.done;
}

/**
 * A plan for people.
 * @param all with every value of the configuration, not only those of this training
 */
export function planText(plan: TrainingPlan, all: boolean): string {
  const { values, data, parameters, run, memory, measured, estimate } = plan;
  const { generator, discriminator } = parameters;
  const summary = textTable([
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
  ]);
  const own = values.filter(({ usual }) => !usual);
  const rest = values.length - own.length;
  const shown = all
    ? `Configuration (--set path=value changes one):\n${sections(values)}`
    : `Set or found for this training:\n${valueTable(own)}\n\nThe other ${formatCount(rest)} values are as usual; --all shows them, each with its reason.`;
  return `\n${summary}\n\n${shown}`;
}

const valueTable = (rows: readonly PlannedRow[]): string =>
  textTable(rows.map((row) => [row.path, showValue(row.value), row.unit, row.reason]));

/** A table in which the values of one section stand together. */
function sections(rows: readonly PlannedRow[]): string {
  const sectionOf = ({ path }: PlannedRow): string => path.split(".")[0]!;
  // One table, so that the columns of all sections are aligned.
  const lines = valueTable(rows).split("\n");
  return lines
    .map((line, i) => (i > 0 && sectionOf(rows[i]!) !== sectionOf(rows[i - 1]!) ? `\n${line}` : line))
    .join("\n");
}

function memorySentence({ state, measuredPeak, limit }: MemoryNeed): string {
  const tight =
    measuredPeak > 0.8 * limit ? "; this is tight: use a smaller training.batchSize or widths" : "";
  return `${formatBytes(measuredPeak)} at the peak (measured), ${formatBytes(state)} of it weights and moments; this process may have ${formatBytes(limit)}${tight}`;
}

/**
 * `reproduce --dry-run`: the scale, the runs with what there is of each, and the time what is
 * missing will take.
 */
import { planReproduction, type ReproductionPlan } from "../../../app/reproduce/plan.ts";
import { folderOf } from "../../../app/reproduce/reproduce.ts";
import type { ReproduceRequest } from "../../../app/reproduce/request.ts";
import { shortPath } from "../../../app/support/run-folder.ts";
import { formatCount, formatDuration } from "../../../base/text/format/index.ts";
import { textTable } from "../../../narration/table.ts";
import { EXIT } from "../../command.ts";
import { contextOf } from "../../terminal/narrate.ts";
import type { Output } from "../../terminal/output.ts";

/** Show what would be done. @returns the exit code */
export async function printPlan(
  request: ReproduceRequest,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { name, scale, scaleName, experiment } = request;
  const title = `${experiment.title}, scale ${scaleName}`;
  if (experiment.kind === "online") {
    const [settings, folder] = [scale.online, folderOf(request)];
    output.result(`${title}: in ${shortPath(folder)}\n${JSON.stringify(settings, null, 2)}`, {
      ...{ experiment: name, scale: scaleName, settings, folder },
    });
    return EXIT.done;
  }
  // The plan alone is to be read.
  const quiet = contextOf({ ...output, line: () => undefined }, signal);
  const plan = await planReproduction(request, experiment, quiet);
  output.result(`${title}: ${scale.description}\n\n${planText(plan, request.jobs)}`, plan);
  return EXIT.done;
}

function planText({ settings, runs, estimate }: ReproductionPlan, jobs: number): string {
  const table = textTable([
    ["run", "seed", "steps", "a step", "left", "model"],
    ...runs.map((run) => [
      run.id,
      String(run.seed),
      `${formatCount(run.step)}/${formatCount(run.steps)}`,
      formatDuration(run.stepSeconds),
      run.step >= run.steps ? "done" : formatDuration(run.seconds),
      run.label,
    ]),
  ]);
  return [
    textTable(Object.entries(settings).map(([path, value]) => [path, String(value)])),
    table,
    `About ${formatDuration(estimate.seconds)} of training one after another (steps measured with the threads of this plan; evaluations and probes come on top)${jobs > 1 ? `; ${jobs} at once share the cores` : ""}.`,
  ].join("\n\n");
}

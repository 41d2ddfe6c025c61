/**
 * Which run folder `train` would use, and whether it would begin, continue or refuse: looked at,
 * not touched.
 */
import { join } from "node:path";
import { option } from "../../base/option-names.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { listCheckpoints } from "../../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn, readConfig } from "../../training/run/folder/run-folder.node.ts";
import { isRun, numberedRuns, runName } from "../../training/run/folder/run-name.node.ts";
import { compareConfigs, describeChange } from "../../training/run/record/config-diff.ts";
import { shortPath } from "../support/run-folder.ts";
import type { TrainRequest } from "./request.ts";

/** What would happen. */
export interface RunPlan {
  readonly action: "begin" | "continue" | "fork" | "refuse";
  /** The folder looked at; a new one beside it gets a number behind its name. */
  readonly dir: string;
  /** Steps already done. */
  readonly step: number;
  /** For people. */
  readonly sentence: string;
}

/**
 * What a training would do: begin a run, go on with one, fork it, or be refused.
 * @throws UserError when the folder's configuration cannot be read
 */
export async function planRun({ config, dir, mode, from }: TrainRequest): Promise<RunPlan> {
  const first = dir ?? join("runs", runName(config));
  const runs = dir === undefined ? await numberedRuns(first) : (await isRun(dir)) ? [dir] : [];
  const verdicts = await Promise.all(
    runs.map(async (run) => ({ run, ...compareConfigs(await readConfig(run), config) })),
  );
  const fitting = verdicts.filter(({ refused }) => refused.length === 0);
  const chosen =
    mode === "continue" ? (fitting.find(({ moved }) => !moved) ?? fitting[0] ?? verdicts[0]) : verdicts[0];
  if (mode === "fork" && !chosen)
    return {
      action: "refuse",
      dir: first,
      step: 0,
      sentence: `there is no run in ${shortPath(first)} to fork from`,
    };
  if (mode === "new" || !chosen) {
    const sentence = chosen ? `a new one beside ${shortPath(chosen.run)}` : `${shortPath(first)} (new)`;
    return { action: "begin", dir: first, step: 0, sentence };
  }
  const { run, refused, moved } = chosen;
  const step = from ?? (await listCheckpoints(checkpointsIn(run)))[0] ?? 0;
  const at = `step ${formatCount(step)} of ${shortPath(run)}`;
  if (mode === "fork") return { action: "fork", dir: run, step, sentence: `a new one, forked from ${at}` };
  if (refused.length === 0 || step === 0) {
    const same = moved && step > 0 ? `, if the images are still the same (${describeChange(moved)})` : "";
    return { action: "continue", dir: run, step, sentence: `goes on from ${at}${same}` };
  }
  const changes = [...(moved ? [moved] : []), ...refused].map(describeChange).join("; ");
  return {
    action: "refuse",
    dir: run,
    step: 0,
    sentence: `${shortPath(run)} has another configuration (${changes}): ${option("mode", "fork")} goes on from it, ${option("mode", "new")} begins beside it`,
  };
}

/** Which checkpoint of a run folder a command works with. */

import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import { formatCount } from "../../../base/text/format/index.ts";
import type { Best } from "../../evaluation/evaluator.ts";
import { readMetrics } from "../../evaluation/metrics.node.ts";
import type { SampleEvent } from "../../events.ts";
import { overfittingSpans } from "../../loop/health/overfitting.ts";
import { readOwnJson } from "../folder/own-files.node.ts";
import { checkpointsIn } from "../folder/run-folder.node.ts";
import { betterOf, type Choice, fromBefore } from "./best.ts";
import { listCheckpoints } from "./checkpoint.node.ts";

/** What the caller says of the checkpoint. */
export interface CheckpointWish {
  readonly step?: number | undefined;
  /** True: the best; false: the newest; undefined: the best where it was measured surely better. */
  readonly best?: boolean | undefined;
  /** Whether averaged weights are wanted; undefined: as in training. */
  readonly averaged?: boolean | undefined;
}

/**
 * What `best.json` says; undefined where it is missing, or its checkpoint is gone.
 * @throws UserError when it is damaged
 */
export async function readBest(run: string): Promise<Best | undefined> {
  const kept = await listCheckpoints(checkpointsIn(run));
  const best = await readOwnJson(run, "best.json", {
    schema: bestSchema,
    hint: "Restore it, or delete it: it only says which checkpoint was measured best.",
  });
  return best && kept.includes(best.step) ? best : undefined;
}

const bestSchema = z.object({ step: z.int().min(0), metric: z.enum(["fid", "kid"]), value: z.number() });

/**
 * The checkpoint to work with.
 * @param run a run folder
 * @throws UserError for `best` without a best checkpoint, or beside a step
 */
export async function chooseCheckpoint(run: string, wish: CheckpointWish): Promise<Choice> {
  const { step, best: wanted, averaged } = wish;
  if (step !== undefined && wanted !== undefined)
    throw new UserError("A step and the best checkpoint exclude each other.", "Give one of them.");
  if (step !== undefined || wanted === false) return { step, why: undefined };
  const best = await readBest(run);
  if (wanted === true) {
    if (best) return { step: best.step, why: describeBest(best) };
    throw new UserError(
      `${run} has no best checkpoint: there is no readable ${join(run, "best.json")} whose checkpoint is kept.`,
      `Train with training.evaluateEvery above 0, or name a checkpoint with ${option("step")}.`,
    );
  }
  const kept = await listCheckpoints(checkpointsIn(run));
  const [newest] = kept;
  if (newest === undefined) return { step: undefined, why: undefined };
  const { lines } = await readMetrics(join(run, "metrics.jsonl"));
  const samples = lines.filter((line) => line.kind === "sample" && line.step <= newest);
  const overfitted = overfittingSpans(samples as SampleEvent[]).at(-1);
  if (overfitted?.sure && overfitted.until === undefined) return fromBefore(overfitted.since, kept, best);
  if (best === undefined) return { step: undefined, why: undefined };
  const evaluations = lines.filter((line) => line.kind === "evaluation");
  // What was measured of the other weights says nothing of these.
  const other = averaged === true ? "latest" : averaged === false ? "averaged" : undefined;
  return betterOf(
    best,
    newest,
    evaluations.filter(({ weights }) => weights !== other),
  );
}

/** `step 1,000, the best measured (FID 1.72)` */
export const describeBest = ({ step, metric, value }: Best): string =>
  `step ${formatCount(step)}, the best measured (${metric.toUpperCase()} ${Number(value.toPrecision(3))})`;

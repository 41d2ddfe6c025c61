/**
 * The recorder of a run on disk: where pictures, documents and snapshots go, and which checkpoints
 * are kept for later.
 */
import { join } from "node:path";
import { writeFileWhole } from "../../../base/disk/files.node.ts";
import type { Steps } from "../../../objectives/steps.ts";
import type { Evaluator } from "../../evaluation/evaluator.ts";
import type { MetricsWriter } from "../../evaluation/metrics.node.ts";
import type { ProcessUsage, RecordLine } from "../../events.ts";
import { overfittingOf } from "../../loop/health/health.ts";
import { overfittingSpans } from "../../loop/health/overfitting.ts";
import { lastGoodGrid } from "../../loop/health/rescue.ts";
import type { Recorder } from "../../loop/recorder.ts";
import { writePng } from "../../sampling/images.node.ts";
import type { LoopConfig } from "../../settings.ts";
import { listCheckpoints, type Provenance, saveCheckpoint } from "../checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../folder/run-folder.node.ts";

/** What a recorder writes with. */
export interface FolderRecorderParts {
  readonly dir: string;
  readonly metrics: MetricsWriter;
  readonly steps: Steps;
  readonly provenance: Provenance;
  /** Checkpoints kept. */
  readonly keep: number;
  readonly evaluator: Evaluator | undefined;
  /** What the training takes from the machine now; it stands with every grid. */
  readonly usage: () => ProcessUsage;
  /** The newest checkpoint from before the discriminator overfitted. */
  readonly unspoiled: number | undefined;
  /**
   * Where the run may be rescued: regular checkpoints that are there, oldest first, and the last
   * grid that shows no collapse.
   */
  readonly rescues:
    | { readonly every: number; readonly kept: readonly number[]; readonly lastGrid: number }
    | undefined;
}

/** A recorder into a run folder. */
export function folderRecorder(parts: FolderRecorderParts): Recorder {
  const { dir, metrics, steps, provenance, keep, evaluator, usage, rescues } = parts;
  let { unspoiled } = parts;
  let regular: readonly number[] = rescues?.kept ?? [];
  let lastGrid = rescues?.lastGrid ?? 0;
  let back = regular.findLast((step) => step <= lastGrid);
  return {
    usage,
    record(line) {
      if (line.kind === "sample" && !line.asked) lastGrid = line.step;
      return metrics.append(line);
    },
    async savePicture(name, picture) {
      const file = `${name}.png`;
      await writePng(join(dir, file), picture);
      return file;
    },
    async saveDocument(name, document) {
      const file = `${name}.json`;
      await writeFileWhole(join(dir, file), JSON.stringify(document));
      return file;
    },
    async saveSnapshot(snapshot) {
      // The record up to here must last as long as the checkpoint does.
      metrics.sync();
      const { step, health } = snapshot.progress;
      const best = evaluator?.best();
      if (overfittingOf(health) === undefined) unspoiled = step;
      if (rescues && step % rescues.every === 0) regular = [...regular, step];
      // Going back is to what lies before the last grid that shows no collapse.
      if (rescues && health.lowDiversity === 0 && (health.alarms?.alike ?? 0) === 0)
        back = regular.findLast((one) => one <= lastGrid) ?? back;
      const spared = [best?.step, unspoiled, back].filter((one) => one !== undefined);
      const path = await saveCheckpoint(checkpointsIn(dir), snapshot, steps, provenance, keep, spared);
      if (best?.step === step)
        await writeFileWhole(join(dir, "best.json"), `${JSON.stringify(best, null, 2)}\n`);
      return path;
    },
  };
}

/** Where a run that may be rescued can go back to, as its record tells it. */
export async function rescuesFrom(
  dir: string,
  { training: { checkpointEvery: every } }: LoopConfig,
  record: readonly RecordLine[],
): Promise<NonNullable<FolderRecorderParts["rescues"]>> {
  const kept = (await listCheckpoints(checkpointsIn(dir))).filter((step) => step % every === 0).reverse();
  return { every, kept, lastGrid: lastGoodGrid(record.filter((line) => line.kind === "sample")) ?? 0 };
}

/**
 * The newest checkpoint from before anything spoke for overfitting; undefined where there is none.
 */
export async function unspoiledBefore(
  dir: string,
  fromStep: number,
  record: readonly RecordLine[],
): Promise<number | undefined> {
  const last = overfittingSpans(record.filter((line) => line.kind === "sample")).at(-1);
  const end = last !== undefined && last.until === undefined ? last.since : fromStep + 1;
  return (await listCheckpoints(checkpointsIn(dir))).find((step) => step < end);
}

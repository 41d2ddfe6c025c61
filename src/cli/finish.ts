/**
 * What is made of a run once it has all its steps, beyond the checkpoint: exports, reports. A new one is a line in
 * `FINISHERS`. The engine still holds the final state (`generator/parameters`, `generator/ema`, `generator/buffers`, …).
 */
import type { Engine } from "../engine/engine.ts";
import type { Steps } from "../objectives/steps.ts";
import type { Config } from "../training/config/schema.ts";
import { exportFinished } from "./export.ts";

/** A run that has all its steps. */
export interface FinishedRun {
  readonly config: Config;
  /** The run folder, absolute. */
  readonly dir: string;
  readonly step: number;
  readonly engine: Engine;
  readonly steps: Steps;
}

/** A file, and what to say of it. */
export interface Made {
  readonly path: string;
  readonly note: string;
}

/** Makes something of a finished run. */
export type Finisher = (run: FinishedRun) => Promise<readonly Made[]>;

/** All of them, in the order in which they are run. */
export const FINISHERS: readonly Finisher[] = [exportFinished];

/** Run them all. @returns every file written */
export async function finishRun(run: FinishedRun): Promise<Made[]> {
  const files: Made[] = [];
  for (const finisher of FINISHERS) files.push(...(await finisher(run)));
  return files;
}

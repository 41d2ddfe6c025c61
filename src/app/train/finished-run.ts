/** A run that has all its steps, and what was made of it. */
import type { Engine } from "../../engine/engine.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { Config } from "../../training/config/schema.ts";

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

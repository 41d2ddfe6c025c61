/**
 * For tests: trainings of the toy objective on disk, as one process after another would do them.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { UserError } from "../../base/errors.ts";
import { readMetrics } from "../evaluation/metrics.node.ts";
import type { TrainEvent } from "../events.ts";
import type { TrainResult } from "../loop/ending.ts";
import { listCheckpoints } from "../run/checkpoint/checkpoint.node.ts";
import { openRun, type RunMode } from "../run/folder/run-folder.node.ts";
import { runTraining } from "../run/run.node.ts";
import { type FakeOptions, fakeConfig, fakeEngine, fakeSteps, fakeStore } from "./fake.ts";
import { withoutTiming } from "./without-timing.ts";

/** What differs from the ordinary. */
export interface Session {
  readonly config?: ReturnType<typeof fakeConfig>;
  readonly mode?: RunMode;
  readonly engine?: FakeOptions;
  readonly store?: ReturnType<typeof fakeStore>;
  /** Abort as soon as this many generator steps are done. */
  readonly abortAt?: number;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** What came of one. */
export interface Outcome {
  readonly dir: string;
  readonly events: readonly TrainEvent[];
  readonly result: TrainResult;
}

/** A folder for the runs of each test of a file, and trainings in it. */
export function toySessions(): {
  /** A path in the folder. */
  readonly path: (...parts: string[]) => string;
  /** One process's worth of training in the run `name`. */
  readonly session: (name: string, options?: Session) => Promise<Outcome>;
} {
  let root = "";
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "quarterturn-run-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return {
    path: (...parts) => join(root, ...parts),
    session: (name, options = {}) => trainIn(join(root, name), options),
  };
}

async function trainIn(folder: string, options: Session): Promise<Outcome> {
  const config = options.config ?? fakeConfig();
  const run = await openRun({ config, dir: folder, mode: options.mode });
  const events: TrainEvent[] = [];
  const abort = new AbortController();
  if (options.abortAt === 0) abort.abort();
  try {
    const result = await runTraining({
      run,
      config,
      steps: fakeSteps(),
      engine: fakeEngine(options.engine),
      store: options.store ?? fakeStore(),
      signal: abort.signal,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
        if (event.kind === "step" && event.step === options.abortAt) abort.abort();
      },
    });
    return { dir: run.dir, events, result };
  } finally {
    await run.close();
  }
}

/** Everything of a run that must not depend on how often it was interrupted. */
export async function essence(dir: string): Promise<unknown> {
  const { lines, unreadable } = await readMetrics(join(dir, "metrics.jsonl"));
  const timeless = lines.map(withoutTiming);
  const [last] = await listCheckpoints(join(dir, "checkpoints"));
  const checkpoint = join(dir, "checkpoints", String(last).padStart(7, "0"));
  const files = ["weights.safetensors", "state.safetensors", "meta.json"].map((f) =>
    readFile(join(checkpoint, f), "hex"),
  );
  const samples = (await readdir(join(dir, "samples"))).sort();
  const pictures = await Promise.all(samples.map((name) => readFile(join(dir, "samples", name), "hex")));
  return { timeless, unreadable, last, files: await Promise.all(files), samples, pictures };
}

/** What an error that a user can cause says, with its hint. */
export const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return `${error.message}\n${error.hint ?? ""}`;
    },
  );

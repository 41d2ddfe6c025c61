/** Trains the points of a sweep on this machine, and says how it goes. */
import { freemem } from "node:os";
import { isComplete } from "../app/saved-step.ts";
import { availableThreads, memoryLimitBytes } from "../engine/cpu.node.ts";
import { BUILT_IN_FEATURES } from "../metrics/features/feature-network.ts";
import { defaultFeatures } from "../metrics/features/registry.node.ts";
import { peakMemory, startChild } from "../sweep/child.ts";
import type { SweepPoint } from "../sweep/plan.ts";
import { type PointState, runPool } from "../sweep/pool.ts";
import { lockedBy } from "../training/lock.node.ts";
import type { Output } from "./output.ts";
import { openRunBoard } from "./run-board.ts";

/** How. */
export interface TrainPointsOptions {
  readonly points: readonly SweepPoint[];
  /** Points at once. */
  readonly jobs: number;
  /** How often a crashed point is tried again. */
  readonly retries: number;
  readonly output: Output;
  /** Aborting lets what is under way save, and begins nothing more. */
  readonly signal: AbortSignal;
  /** Whether there is nothing to be done for a point; if it has all its steps, if left out. */
  readonly isDone?: ((point: SweepPoint) => Promise<boolean>) | undefined;
}

/** Say so where the runs are measured with another feature network than `evaluate` would take. */
async function remarkFeatures(points: readonly SweepPoint[], output: Output): Promise<void> {
  const unnamed = points.some(
    ({ config: { training } }) =>
      training.evaluateEvery !== "auto" && training.evaluateEvery > 0 && training.evaluateFeatures === null,
  );
  if (!unnamed || (await defaultFeatures()) === BUILT_IN_FEATURES) return;
  output.line(
    `features: ${BUILT_IN_FEATURES}, so that all runs have the same; training.evaluateFeatures names another`,
  );
}

/** @returns how each point ended, by id */
export async function trainPoints(options: TrainPointsOptions): Promise<ReadonlyMap<string, PointState>> {
  const { points, jobs, output, signal } = options;
  const states = new Map<string, PointState>();
  await remarkFeatures(points, output);
  const board = openRunBoard(points, output);
  const pool = runPool({
    points: shareCores(points, Math.min(jobs, points.length)),
    jobs,
    retries: options.retries,
    backOff: 2000,
    command: [process.execPath, process.argv[1]!],
    environment: process.env,
    start: startChild,
    isDone: options.isDone ?? (({ dir, config }) => isComplete(dir, config.training.steps)),
    isTaken: async ({ dir }) => (await lockedBy(dir)) !== undefined,
    freeMemory: () => Math.min(freemem(), memoryLimitBytes()),
    peakMemory,
    signal,
    onWait(left) {
      const names = left.map(({ id }) => id).join(", ");
      output.line(
        `Waiting for ${left.length === 1 ? "a run" : `${left.length} runs`} that other processes train: ${names}. Ctrl-C ends the waiting, not the runs.`,
      );
    },
    onState(point, state) {
      states.set(point.id, state);
      board.set(point.id, state.kind);
      // The live table shows the rest.
      if (output.interactive && state.kind !== "failed" && state.kind !== "retrying") return;
      output.line(`${point.id}  seed ${point.seed}  ${point.label}: ${describeState(state)}`);
    },
  });
  await pool.finally(board.close);
  return states;
}

/** Runs side by side share the cores, unless the sweep says how many threads each has. */
function shareCores(points: readonly SweepPoint[], jobs: number): SweepPoint[] {
  const threads = String(Math.max(1, Math.floor(availableThreads() / jobs)));
  return points.map((point) =>
    jobs === 1 || point.config.engine.threads > 0
      ? point
      : { ...point, arguments: [...point.arguments, "--threads", threads] },
  );
}

function describeState(state: PointState): string {
  switch (state.kind) {
    case "running":
      return state.attempt === 1 ? "training" : `training, attempt ${state.attempt}`;
    case "retrying":
      return `crashed (${state.message}); again in ${state.seconds} s`;
    case "done":
      return state.already ? "was done before" : "done";
    case "failed":
      return `failed: ${state.message}`;
    case "elsewhere":
      return "another process is training it; left for last";
    case "interrupted":
      return "saved";
    case "waiting":
      return "waiting";
  }
}

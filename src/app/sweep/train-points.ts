/** Trains the points of a sweep on this machine, each in a process of its own. */
import { freemem } from "node:os";
import { memoryLimitBytes } from "../../engine/devices/cpu.node.ts";
import { BUILT_IN_FEATURES } from "../../metrics/features/feature-network.ts";
import { defaultFeatures } from "../../metrics/features/registry.node.ts";
import { peakMemory, startChild } from "../../sweep/child.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import { type PointState, runPool } from "../../sweep/pool.ts";
import { shareCores } from "../../sweep/share-cores.ts";
import { lockedBy } from "../../training/run/folder/lock.node.ts";
import type { Context, Report } from "../context.ts";
import { isComplete } from "../support/saved-step.ts";

/** Which, and how. */
export interface TrainPointsOptions {
  readonly points: readonly SweepPoint[];
  /** Points at once. */
  readonly jobs: number;
  /** How often a crashed point is tried again. */
  readonly retries: number;
  /** This program, before its arguments. */
  readonly command: readonly string[];
  /** Whether there is nothing to be done for a point; if it has all its steps, if left out. */
  readonly isDone?: ((point: SweepPoint) => Promise<boolean>) | undefined;
}

/** Say so where the runs are measured with another feature network than `evaluate` would take. */
async function remarkFeatures(points: readonly SweepPoint[], report: Report): Promise<void> {
  const unnamed = points.some(
    ({ config: { training } }) =>
      training.evaluateEvery !== "auto" && training.evaluateEvery > 0 && training.evaluateFeatures === null,
  );
  if (!unnamed || (await defaultFeatures()) === BUILT_IN_FEATURES) return;
  void report({
    kind: "note",
    message: `features: ${BUILT_IN_FEATURES}, so that all runs have the same; training.evaluateFeatures names another`,
  });
}

/**
 * Train points until all are done or failed. Aborting lets what is under way save, and begins
 * nothing more.
 * @returns how each point ended, by id
 */
export async function trainPoints(
  options: TrainPointsOptions,
  { report, signal }: Context,
): Promise<ReadonlyMap<string, PointState>> {
  const { points, jobs } = options;
  const states = new Map<string, PointState>();
  await remarkFeatures(points, report);
  void report({ kind: "points", points });
  const pool = runPool({
    points: shareCores(points, Math.min(jobs, points.length)),
    jobs,
    retries: options.retries,
    backOff: 2000,
    command: options.command,
    environment: process.env,
    start: startChild,
    isDone: options.isDone ?? (({ dir, config }) => isComplete(dir, config.training.steps)),
    isTaken: async ({ dir }) => (await lockedBy(dir)) !== undefined,
    freeMemory: () => Math.min(freemem(), memoryLimitBytes()),
    peakMemory,
    signal,
    onWait: (left) => void report({ kind: "waiting", points: left }),
    onState(point, state) {
      states.set(point.id, state);
      void report({ kind: "point", point, state });
    },
  });
  try {
    await pool;
  } finally {
    void report({ kind: "points-end" });
  }
  return states;
}

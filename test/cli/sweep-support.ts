/** A small sweep, and what is looked at in its folder. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Workspace } from "./support.ts";

/** Steps of every run. */
export const STEPS = 24;

/** Two runs that differ in one value, over the folder `pictures`. */
export const SWEEP = `data: pictures
steps: ${STEPS}
set:
  data.resolution: 16
  data.split: all
  generator.width: 8
  generator.latentSize: 8
  discriminator.width: 8
  training.batchSize: 16
  training.checkpointEvery: 2
  training.sampleEvery: 1000
  engine.threads: 1
grid:
  objective.selfSupervision: [rotation, none]
`;

/** What `sweep --json` prints, as far as tests look at it. */
export interface SweepResult {
  readonly points: readonly {
    readonly id: string;
    readonly state: string;
    readonly step: number;
    readonly values: Readonly<Record<string, number>>;
  }[];
  readonly variations: readonly { readonly label: string; readonly runs: number }[];
}

/** SHA-256 of the last checkpoint's files of every run of a sweep. */
export function lastWeights(workspace: Workspace, out: string): Record<string, string> {
  const runs = readdirSync(workspace.path(out), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return Object.fromEntries(
    runs.flatMap(({ name }) => {
      const folder = workspace.path(out, name, "checkpoints", String(STEPS).padStart(7, "0"));
      return ["weights.safetensors", "state.safetensors"].map((file) => [
        `${name}/${file}`,
        createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex"),
      ]);
    }),
  );
}

/** Steps that a run of a sweep has on record, and the process that trains it, if there is one. */
function standing(workspace: Workspace, out: string, name: string): { steps: number; pid?: number } {
  const read = (file: string): string | undefined => {
    try {
      return readFileSync(workspace.path(out, name, file), "utf8");
    } catch {
      // Not yet, or not any more.
      return undefined;
    }
  };
  const lock = read("lock.json");
  return {
    steps: read("metrics.jsonl")?.match(/"kind":"step"/g)?.length ?? 0,
    ...(lock && { pid: (JSON.parse(lock) as { pid: number }).pid }),
  };
}

/**
 * Wait until a run of a sweep is between step `step` and its end, and halt it there, so that it is
 * there still when something is done to it.
 * @returns the process that trains it; SIGCONT lets it go on
 */
export async function trainerOf(workspace: Workspace, out: string, step: number): Promise<number> {
  for (;;) {
    for (const name of existsSync(workspace.path(out)) ? readdirSync(workspace.path(out)) : []) {
      const { steps, pid } = standing(workspace, out, name);
      if (pid === undefined || steps <= step || steps >= STEPS) continue;
      if (!signaled(pid, "SIGSTOP")) continue;
      // Until it stands still, a signal sent later may be delivered first.
      while (/^[^TZ]/.test(fieldOf(pid, "State") ?? "Z")) await setTimeout(1);
      const halted = standing(workspace, out, name);
      if (halted.pid === pid && halted.steps < STEPS) return pid;
      signaled(pid, "SIGCONT");
    }
    await setTimeout(1);
  }
}

/** Send a signal. @returns false for a process that is gone */
function signaled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** What Linux shows of a process; undefined on other systems, and of one that is gone. */
function fieldOf(pid: number, field: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(status)?.[1];
  } catch {
    return undefined;
  }
}

const SIGTERM_BIT = 1n << 14n;

/** Let a halted process go on, on Linux not before it has been told to end. */
export async function goOnToEnd(pid: number): Promise<void> {
  const told = (): boolean => {
    const pending = fieldOf(pid, "ShdPnd");
    return pending === undefined || (BigInt(`0x${pending}`) & SIGTERM_BIT) !== 0n;
  };
  while (!told()) await setTimeout(1);
  signaled(pid, "SIGCONT");
}

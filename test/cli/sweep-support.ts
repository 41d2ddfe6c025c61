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

/** Wait until a run of a sweep is between step `step` and its end. @returns the process that trains it */
export async function trainerOf(workspace: Workspace, out: string, step: number): Promise<number> {
  for (;;) {
    for (const name of existsSync(workspace.path(out)) ? readdirSync(workspace.path(out)) : []) {
      const record = workspace.path(out, name, "metrics.jsonl");
      const lock = workspace.path(out, name, "lock.json");
      if (!existsSync(record) || !existsSync(lock)) continue;
      const steps = readFileSync(record, "utf8").match(/"kind":"step"/g)?.length ?? 0;
      if (steps > step && steps < STEPS)
        return (JSON.parse(readFileSync(lock, "utf8")) as { pid: number }).pid;
    }
    await setTimeout(1);
  }
}

/**
 * Run in a process of its own on a tiny disk: save a checkpoint that fits, then one that does not,
 * check that the first is still whole, and print what happened as JSON.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { UserError } from "../../base/errors.ts";
import { batchOrder } from "../../data/store/batches.ts";
import { UNOBSERVED } from "../loop/health/health.ts";
import { newestCheckpoint, saveCheckpoint } from "../run/checkpoint/checkpoint.node.ts";
import { fakeSteps } from "./fake.ts";

const folder = join(process.argv[2]!, "checkpoints");
const progress = (step: number) => ({
  step,
  updates: { generator: step, discriminator: step },
  streams: { latents: { words: [1, 2, 3, 4] as const, spare: null } },
  batches: batchOrder(8, 4, 1).save(),
  health: UNOBSERVED,
});
const steps = fakeSteps();
const provenance = { config: "", data: "", engine: "" };
const list = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

await saveCheckpoint(folder, { progress: progress(1), state: steps.initialState(1) }, steps, provenance, 1);
const before = await list();
const large = { ...steps.initialState(1), "generator/adam/m": new Float32Array(100_000) };
try {
  await saveCheckpoint(folder, { progress: progress(2), state: large }, steps, provenance, 1);
} catch (error) {
  const { name, message, hint } = error as UserError;
  const good = await newestCheckpoint(folder);
  if (good?.damaged.length !== 0) throw new Error("the first checkpoint was damaged");
  console.log(JSON.stringify({ name, message, hint, before, after: await list() }));
}

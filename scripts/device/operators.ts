/**
 * Where the time of a training step goes on WebGPU, by operator of ONNX Runtime. Prints one line of
 * JSON; `scripts/device/main.ts` runs it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "../../src/base/random.ts";
import { batches, memoryStore } from "../../src/data/index.node.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { profileFiles, summarizeProfile } from "../../src/engine/sessions/profile.node.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { resolveConfig } from "../../src/training/config/resolve.ts";
import { openStreams } from "../../src/training/loop/draws.ts";
import { runUpdates } from "../../src/training/loop/update.ts";

const STEPS = 4;
const folder = mkdtempSync(join(tmpdir(), "quarterturn-operators-"));
const prefix = join(folder, "profile");
const bare = { name: "the paper's step", description: "", source: "", values: {}, sources: {} };
const { config } = resolveConfig({
  preset: bare,
  sets: ["generator.width=32", "discriminator.width=32", "training.discIters=1"],
  flags: [],
});
const engine = await createInThreadEngine({ device: "webgpu", threads: 1, profile: prefix });
const steps = buildSteps(config, engine.target);
const [discriminatorStep, generatorStep] = [
  await engine.compile(steps.discriminatorStep),
  await engine.compile(steps.generatorStep),
];
await engine.writeState(steps.initialState(1), { give: true });
const random = randomStream(1, "operators");
const { resolution } = config.data;
const images = Uint8Array.from({ length: 64 * resolution ** 2 * 3 }, () => random.integer(256));
const sources = {
  ...{ config, discriminatorStep, generatorStep, draws: steps.draws, streams: openStreams(steps.draws, 1) },
  batches: batches(
    memoryStore({ images, size: resolution, hash: "operators" }),
    config.training.batchSize,
    1,
  ),
};
let updates = { generator: 0, discriminator: 0 };
for (let step = 0; step < STEPS; step++) updates = (await runUpdates(sources, step, updates)).updates;
await engine.close();
const summaries = profileFiles(prefix).map((path) => summarizeProfile(path));
rmSync(folder, { recursive: true });
console.log(
  JSON.stringify(
    summaries.map(({ runMicroseconds, byOperator }) => ({
      milliseconds: runMicroseconds / 1000,
      operators: byOperator
        .slice(0, 15)
        .map(({ opType, calls, share }) => ({ opType, calls, share: Number(share.toFixed(3)) })),
    })),
  ),
);
process.exit(0);

/** A generator that was never trained, on an engine, for tests of exports. */
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { buildSteps } from "../../objectives/build.ts";
import { parseConfig } from "../config/check.ts";
import type { GeneratorSource } from "../export/generator.node.ts";
import { AVERAGED } from "../sampling/samples.ts";

/** A tiny network for images of `data` at 16 × 16. The caller closes the engine. */
export async function exportSource(data: string): Promise<{ engine: Engine; source: GeneratorSource }> {
  const config = parseConfig({
    "data.source": data,
    "data.resolution": 16,
    "generator.width": 8,
    "discriminator.width": 8,
    "generator.latentSize": 4,
    "objective.rotatedBatch": 16,
    "training.batchSize": 8,
  });
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  const steps = buildSteps(config, engine.target);
  await engine.writeState(steps.initialState(1));
  const sampler = await engine.compile(steps.sampler);
  return { engine, source: { config, step: 12, averaged: true, sampler, alias: AVERAGED } };
}

/**
 * Evaluation with standing statistics. Computed here another way: batch statistics as the
 * discriminator's step of training moves them into the running ones, averaged in JavaScript, and
 * sampled with as if they were running ones.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import { openData } from "../../src/data/index.node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { sizeOf } from "../../src/graph/index.ts";
import { sampleCounts } from "../../src/metrics/counts.ts";
import { openFeatures } from "../../src/metrics/features/registry.node.ts";
import { openProducts } from "../../src/metrics/linalg/products.node.ts";
import { protocolOf } from "../../src/metrics/protocol.ts";
import { metricsOf } from "../../src/metrics/registry.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { networkLayout } from "../../src/objectives/programs/initial-state.ts";
import {
  floatSamplerProgram,
  SAMPLER_BATCH,
  standingProgram,
} from "../../src/objectives/programs/sampler.ts";
import { flattenConfig, parseConfig } from "../../src/training/config/check.ts";
import type { Config } from "../../src/training/config/schema.ts";
import { measureGenerator } from "../../src/training/evaluation/measure.ts";
import { newestCheckpoint } from "../../src/training/run/checkpoint/checkpoint.node.ts";
import { assembleState } from "../../src/training/run/checkpoint/weights.ts";
import { checkpointsIn, readConfig } from "../../src/training/run/folder/run-folder.node.ts";
import { drawLatents } from "../../src/training/sampling/samples.ts";
import { gatherStanding } from "../../src/training/sampling/standing-statistics.ts";
import { tinyFeatures } from "../support/tiny-features.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

/** Three batches, of which the third is whole though not all of it is asked for. */
const PASSES = 3;
const SAMPLES = 200;

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  writeFileSync(workspace.path("tiny.onnx"), tinyFeatures({ side: 16 }));
  const sets = [
    "generator.statistics=standing",
    `generator.standingSamples=${PASSES * SAMPLER_BATCH - 10}`,
    "optimizer.learningRate=0.01",
  ].flatMap((set) => ["--set", set]);
  for (const run of ["standing", "running"]) {
    const { code, stderr } = await workspace.run(
      "train",
      "pictures",
      ...TINY,
      "--run",
      run,
      "--steps",
      "6",
      ...sets,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }
  const path = workspace.path("running", "config.json");
  const text = readFileSync(path, "utf8");
  const changed = text.replace('"statistics": "standing"', '"statistics": "running"');
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
});

/** FID as the command line says it. */
async function fidOf(run: string): Promise<number> {
  const options = ["--features", "tiny.onnx", "--split", "all", "--metrics", "fid", "--repeats", "1"];
  const { code, stdout, stderr } = await workspace.run(
    "evaluate",
    run,
    ...options,
    "--samples",
    String(SAMPLES),
    "--threads",
    "1",
    "--json",
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout).evaluations[0].metrics.fid.mean;
}

/** A trained run, its averaged weights in the place of the latest. */
async function load(
  run: string,
  engine: Engine,
): Promise<{ config: Config; state: Record<string, Float32Array> }> {
  const folder = workspace.path(run);
  const config = parseConfig(flattenConfig(await readConfig(folder)), () => folder);
  const { checkpoint } = (await newestCheckpoint(checkpointsIn(folder)))!;
  const entries = ["generator/ema", "generator/buffers"];
  const { "generator/ema": weights, "generator/buffers": buffers } = assembleState(
    checkpoint.named,
    entries,
    networkLayout(config),
    run,
  );
  const state = { "generator/parameters": weights!, "generator/buffers": buffers! };
  await engine.writeState(state);
  return { config, state };
}

/** Means over the batches of their statistics, found with training's own step. */
async function standingByTraining(engine: Engine, config: Config, state: Record<string, Float32Array>) {
  const training = { ...config.training, batchSize: SAMPLER_BATCH };
  const steps = buildSteps({ ...config, training }, engine.target);
  const step = await engine.compile(steps.discriminatorStep);
  const stream = randomStream(config.training.seed, "standing");
  const total = new Float64Array(state["generator/buffers"]!.length);
  for (let pass = 0; pass < PASSES; pass++) {
    // From zeros the running statistics become a tenth of the batch's.
    await engine.writeState({
      ...steps.initialState(1),
      ...state,
      "generator/buffers": new Float32Array(total.length),
    });
    const feeds = Object.fromEntries(
      step.program.feeds.map(({ name, dtype, shape }) => [
        name,
        dtype === "uint8" ? new Uint8Array(sizeOf(shape)) : new Float32Array(sizeOf(shape)),
      ]),
    );
    const latents = drawLatents(stream, SAMPLER_BATCH, config.generator.latentSize, "normal");
    await step.run({ ...feeds, latents });
    const { "generator/buffers": after } = await engine.readState(["generator/buffers"]);
    for (const [i, value] of after!.entries()) total[i]! += (10 * value) / PASSES;
  }
  await step.release();
  return Float32Array.from(total);
}

describe("standing statistics", () => {
  it("are what evaluate samples with", async () => {
    const [standing, running] = [await fidOf("standing"), await fidOf("running")];
    expect(Math.abs(standing - running) / running).toBeGreaterThan(0.05);

    const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
    const network = await openFeatures(workspace.path("tiny.onnx"), { threads: 1 });
    const products = openProducts(1);
    const reference = await openData({
      source: workspace.path("pictures"),
      resolution: 16,
      split: "all",
      preprocessing: "centre-crop",
      minimumImages: 2,
      cacheDir: workspace.path("cache"),
    });
    try {
      const { config, state } = await load("standing", engine);
      const ours = await standingByTraining(engine, config, state);
      await engine.writeState({ ...state, "generator/buffers": ours });
      const protocol = protocolOf("paper");
      const sampler = await engine.compile(floatSamplerProgram(config, engine.target));
      const { metrics } = await measureGenerator(
        {
          protocol,
          metrics: metricsOf(["fid"]),
          network,
          products,
          reference,
          counts: sampleCounts(protocol, reference.count, SAMPLES),
          repeats: 1,
        },
        { sampler, alias: {}, config },
      );
      expect(metrics.fid!.mean / standing).toBeCloseTo(1, 4);
    } finally {
      reference.close();
      await products.close();
      await network.close();
      await engine.close();
    }
  });

  it("are not gathered to the end when nobody wants them any more", async () => {
    const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
    try {
      const { config } = await load("standing", engine);
      const generator = { ...config.generator, standingSamples: 1e9 };
      const abort = new AbortController();
      const gathering = gatherStanding(
        engine,
        await engine.compile(standingProgram(config, engine.target)!),
        { ...config, generator },
        {},
        () => abort.abort(new Error("enough")),
        abort.signal,
      );
      await expect(gathering).rejects.toThrow("enough");
    } finally {
      await engine.close();
    }
  });
});

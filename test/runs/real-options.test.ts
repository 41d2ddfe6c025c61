/**
 * Runs of the real networks with options that depend on where a run is: continued or killed, they
 * end as if nothing had been.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMetrics } from "../../src/training/evaluation/metrics.node.ts";
import type { StepEvent } from "../../src/training/events.ts";
import { listCheckpoints } from "../../src/training/run/checkpoint/checkpoint.node.ts";
import { ADAPTIVE_CONFIG, type CONFIGS, REAL_CONFIG, trainReal } from "../../src/training/testing/real.ts";
import { essence, message } from "../../src/training/testing/session.ts";

let root: string;
let undisturbed: unknown;
const steps: StepEvent[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-real-"));
  await trainReal(join(root, "whole"), {
    onEvent: (event) => {
      if (event.kind === "step") steps.push(event);
    },
  });
  undisturbed = await essence(join(root, "whole"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Train in a process of its own and kill it after so many lines. */
async function trainAndKill(dir: string, lines: number, name: keyof typeof CONFIGS = "real"): Promise<void> {
  const script = new URL("../../src/training/testing/run-real.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, dir, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("exit", (_, signal) => resolve(signal)),
  );
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen === lines) child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
}

/**
 * What a run is in after its last step, and what its record says of each, whatever grids and
 * checkpoints there were on the way.
 */
async function stateAndSteps(dir: string): Promise<unknown> {
  const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
  const numbers = lines.flatMap((line) => (line.kind === "step" ? [[line.step, line.discriminator]] : []));
  const [last] = await listCheckpoints(join(dir, "checkpoints"));
  const folder = join(dir, "checkpoints", String(last).padStart(7, "0"));
  const files = ["weights.safetensors", "state.safetensors"];
  return {
    last,
    numbers,
    state: await Promise.all(files.map((file) => readFile(join(folder, file), "hex"))),
  };
}

describe("a lazy penalty, paired images, mirrored images and standing statistics", () => {
  it("have a penalty in the steps in which an update has one: updates 1, 5, 9 … of three a step", () => {
    const penalized = steps.filter(({ discriminator }) => "penalty" in discriminator).map(({ step }) => step);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Updates 1, 5, 9, 13, 17 and 21.
    expect(penalized).toEqual([1, 2, 3, 5, 6, 7]);
    for (const { discriminator, generator } of steps)
      for (const value of [...Object.values(discriminator), ...Object.values(generator)])
        expect(value).toSatisfy(Number.isFinite);
  });

  it.each([1, 3, 4])("go on bit for bit when interrupted at step %d", async (abortAt) => {
    const dir = join(root, `cut${abortAt}`);
    await trainReal(dir, { abortAt });
    await trainReal(dir);
    expect(await essence(dir)).toEqual(undisturbed);
  });

  it("go on bit for bit when killed between two checkpoints", async () => {
    const dir = join(root, "killed");
    // start, sample 0, step 1, step 2, checkpoint 2, step 3, sample 3: killed before the checkpoint of step 4.
    await trainAndKill(dir, 7);
    await trainReal(dir);
    expect(await essence(dir)).toEqual(undisturbed);
  });
});

describe("an augmentation that adapts", () => {
  it("goes on bit for bit when killed between two checkpoints, and when more steps are asked for afterwards", async () => {
    const { training } = ADAPTIVE_CONFIG;
    const longer = { ...ADAPTIVE_CONFIG, training: { ...training, steps: training.steps + 1 } };
    const probabilities: number[] = [];
    const [whole, broken] = [join(root, "adaptive"), join(root, "adaptive broken")];
    await trainReal(whole, {
      config: longer,
      onEvent: (event) => {
        if (event.kind === "step") probabilities.push(event.discriminator.augmentProbability!);
      },
    });
    // Where the run is killed, the probability is not what it begins with.
    expect(new Set(probabilities).size).toBeGreaterThan(3);
    expect(probabilities[2]).toBeGreaterThan(0);

    await trainAndKill(broken, 7, "adaptive");
    await trainReal(broken, { config: ADAPTIVE_CONFIG });
    await trainReal(broken, { config: longer });
    expect(await stateAndSteps(broken)).toEqual(await stateAndSteps(whole));
  });
});

describe("a run that was begun with narrower maps under the same width", () => {
  it("is not continued, says why and what to do, and stays as it is", async () => {
    const dir = join(root, "narrow");
    const { generator } = REAL_CONFIG;
    const config = {
      ...REAL_CONFIG,
      generator: { ...generator, architecture: "sngan-resnet", width: 8 },
      discriminator: { ...REAL_CONFIG.discriminator, architecture: "sngan-resnet" },
    } as const;
    const narrow = { ...config, generator: { ...config.generator, width: 4 } };
    await trainReal(dir, { config, networks: narrow, abortAt: 2 });
    const before = await essence(dir);
    const text = await message(trainReal(dir, { config }));
    expect(text).toMatch(/checkpoints.0000002 does not fit this configuration: generator\/\S+ is \[/);
    expect(text).toMatch(/narrow networks had fewer channels.*begin a new run \(mode: "new"\)/);
    expect(await essence(dir)).toEqual(before);
  });
});

/** Runs of the real networks with options that depend on where a run is: continued or killed, they end as if nothing had been. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StepEvent } from "../../src/training/events.ts";
import { REAL_CONFIG, trainReal } from "../../src/training/testing/real.ts";
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
async function trainAndKill(dir: string, lines: number): Promise<void> {
  const script = new URL("../../src/training/testing/run-real.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("exit", (_, signal) => resolve(signal)),
  );
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen === lines) child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
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

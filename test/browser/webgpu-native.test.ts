/**
 * The WebGPU provider of onnxruntime-node: every primitive against PyTorch's values, state that
 * stays on the device, and ten steps of training against the CPU. Without a graphics card on a
 * driver in software (test/support/gpu.ts).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { createEngine, createInThreadEngine } from "../../src/engine/node.node.ts";
import type { ProfileEvent } from "../../src/engine/sessions/profile.ts";
import { accumulate, fragile, mixed } from "../../src/engine/testing/programs.ts";
import * as g from "../../src/graph/index.ts";
import { expectClose } from "../support/close.ts";
import { prepareGpu } from "../support/gpu.ts";
import { describeWith } from "../support/needs.ts";
import { byOperation, type Case, computeCases } from "../support/primitive-cases.ts";
import { expectSameTraining } from "./compare.ts";
import { trainSmall } from "./training.ts";

const { cases } = JSON.parse(
  readFileSync(new URL("../goldens/primitives.json", import.meta.url), "utf8"),
) as {
  cases: Case[];
};
const TRAINING = { resolution: 16, width: 4, batchSize: 4, steps: 10 };
const missing = await prepareGpu();

describeWith(missing, "on webgpu", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createInThreadEngine({ device: "webgpu", threads: 1 });
  });
  afterAll(() => engine?.close());

  test.each(byOperation(cases))("%s", async (_, same) => {
    for (const { name, actual, expected } of await computeCases(engine, same))
      expectClose(actual, expected, { relative: 2e-5, absolute: 2e-5, name });
  });

  test("round goes to the even neighbor of a half", async () => {
    const values = [-2.5, -1.5, -0.5, -0.4, 0, 0.49999997, 0.5, 1.5, 2.4, 2.5, 254.5, 255, 8388607.5];
    const x = g.input("x", [values.length]);
    const program = g.compile({ name: "round", feeds: { x }, results: { y: g.round(x) } }, engine.target);
    const { y } = await (await engine.compile(program)).run({ x: Float32Array.from(values) });
    expect(Array.from(y as Float32Array, (v) => v + 0)).toEqual([
      -2, -2, 0, 0, 0, 0, 0, 2, 2, 2, 254, 255, 8388608,
    ]);
  });

  test("state stays between runs, is read under an alias, shared between programs, and copied out", async () => {
    const executable = await engine.compile(accumulate(4));
    const second = await engine.compile(fragile);
    await engine.writeState({ w: Float32Array.of(10, 20, 30, 40), other: Float32Array.of(1, 1, 1, 1) });
    const x = Float32Array.of(1, 2, 3, 4);
    expect((await executable.run({ x })).sum).toEqual(Float32Array.of(110));
    expect((await executable.run({ x })).old).toEqual(Float32Array.of(11, 22, 33, 44));
    const read = await engine.readState(["w", "other"]);
    expect(read).toEqual({ w: Float32Array.of(12, 24, 36, 48), other: Float32Array.of(1, 1, 1, 1) });
    read.w!.fill(0);
    const { picked } = await second.run({ x, index: BigInt64Array.of(2n) });
    expect(picked).toEqual(Float32Array.of(39));
    expect((await executable.run({ x }, { w: "other" })).old).toEqual(Float32Array.of(1, 1, 1, 1));
    expect((await engine.readState(["w"])).w).toEqual(Float32Array.of(2, 3, 4, 5));
    await engine.writeState({ w: Float32Array.of(0, 0, 0, 0) });
    expect((await executable.run({ x })).sum).toEqual(Float32Array.of(10));
    await expect(engine.readState(["nothing"])).rejects.toThrow(/"nothing" was never written/);
  });

  test("bool, int64 and uint8 cross the border", async () => {
    const executable = await engine.compile(mixed);
    const feeds = {
      flag: Uint8Array.of(0, 1),
      count: BigInt64Array.of(4n, -5n),
      pixel: Uint8Array.of(0, 128, 255),
    };
    expect(await executable.run(feeds)).toEqual({
      flag: Uint8Array.of(1, 0),
      count: BigInt64Array.of(8n, -10n),
      pixel: feeds.pixel,
    });
  });

  test("ten steps of training are those of the CPU, and stay on the device but for a comparison of integers", async () => {
    const cpu = await createInThreadEngine({ device: "cpu", threads: 1 });
    const expected = await trainSmall(cpu, TRAINING);
    await cpu.close();
    const folder = mkdtempSync(join(tmpdir(), "quarterturn-webgpu-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const gpu = await createEngine({ device: "webgpu", threads: 1, profile: join(folder, "profile") });
    const actual = await trainSmall(gpu, TRAINING);
    await gpu.close();
    expect(actual.engine).toMatch(/^webgpu, /);
    expectSameTraining(actual, expected);

    const events = readdirSync(folder).flatMap(
      (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as ProfileEvent[],
    );
    const operatorsOn = (provider: string): string[] => [
      ...new Set(events.filter((e) => e.args?.provider === provider).map((e) => e.args!.op_name!)),
    ];
    expect(operatorsOn("WebGpuExecutionProvider")).toContain("Conv");
    // Which turn was guessed, against the labels: int64, which the provider cannot compare.
    expect(operatorsOn("CPUExecutionProvider")).toEqual(["Equal"]);
  });
});

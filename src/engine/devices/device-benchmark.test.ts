import { expect, test } from "vitest";
import { createInThreadEngine } from "../node.node.ts";
import { benchmarkDevice, NOT_USABLE, pickFastest } from "./device-benchmark.ts";

test("the CPU finishes a trial step, or is given up on by a limit", async () => {
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  expect(await benchmarkDevice(engine)).toBeGreaterThan(0);
  expect(await benchmarkDevice(engine, 0)).toBeUndefined();
  await engine.close();
});

test("the fastest device is taken, with all measurements as its reason", () => {
  const choice = pickFastest([
    { device: "cpu", milliseconds: 41.4 },
    { device: "cuda", failure: "took too long" },
    { device: "webgpu", milliseconds: 5.25 },
  ]);
  expect(choice.device).toBe("webgpu");
  expect(choice.reason).toBe("auto, by a trial step: cpu 41 ms, cuda took too long, webgpu 5.3 ms");
});

test("a device that is hardly faster than the CPU is not", () => {
  expect(
    pickFastest([
      { device: "cpu", milliseconds: 40 },
      { device: "webgpu", milliseconds: 36 },
    ]).device,
  ).toBe("cpu");
  expect(
    pickFastest([
      { device: "cpu", milliseconds: 40 },
      { device: "webgpu", failure: NOT_USABLE },
    ]).device,
  ).toBe("cpu");
  expect(pickFastest([]).device).toBe("cpu");
});

test("what is not there is no reason", () => {
  const results = [
    { device: "cpu", milliseconds: 40 },
    { device: "webgpu", failure: NOT_USABLE },
  ] as const;
  expect(pickFastest(results).reason).toBe("auto, by a trial step: cpu 40 ms");
});

/** What a run is, in a line. */
import { expect, it } from "vitest";
import { ROTATION } from "../../../src/objectives/pretext/rotation.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";
import { aboutRun } from "./about.ts";

const config = {
  ...{ "data.resolution": 32, "generator.architecture": "pyramid", "generator.width": 32 },
  ...{ "discriminator.architecture": "pyramid", "discriminator.width": 16 },
};
const session = (started: string) => ({
  ...{ started, fromStep: 0, engine: "cpu, 2 threads, ONNX Runtime 1", cpu: "A processor" },
  images: { name: "cats", count: 1653 },
});
const evaluation = (step: number, metrics: Record<string, number>, features = "resnet20-cifar10") =>
  ({
    ...{ step, protocol: "paper", features: { name: features } },
    metrics: Object.fromEntries(Object.entries(metrics).map(([key, mean]) => [key, { mean }])),
  }) as unknown as RunDetail["evaluations"][number];

it("has images, networks, task, machine, time, and the best number with its features", () => {
  const parts = aboutRun({
    ...{ config, task: ROTATION, sessions: [session("2026-01-01T10:00:00Z")] },
    latest: Date.parse("2026-01-01T10:12:30Z"),
    evaluations: [evaluation(10, { fid: 9, kid: 1 }), evaluation(20, { fid: 7 }), evaluation(30, { fid: 8 })],
  });
  expect(parts.map(({ text }) => text)).toEqual([
    "1,653 images of cats at 32 × 32",
    "pyramid 32/16",
    "rotation task",
    "cpu",
    expect.stringMatching(/^12 min/),
    "best FID (built-in features) 7.000",
  ]);
  expect(parts.at(-1)!.title).toBe("After step 20, settings of paper");
});

it("leaves out what a record does not say", () => {
  const nothing = { config, evaluations: [], sessions: [] };
  expect(aboutRun(nothing).map(({ text }) => text)).toEqual([
    "32 × 32 pixels",
    "pyramid 32/16",
    "no pretext task",
  ]);
  const twice = [session("2026-01-01T10:00:00Z"), session("2026-01-02T10:00:00Z")];
  expect(aboutRun({ ...nothing, sessions: twice, latest: Date.now() }).at(-1)!.text).toBe("2 sessions");
  expect(
    aboutRun({ ...nothing, evaluations: [evaluation(5, { kid: 0.25 }, "inception")] }).at(-1)!.text,
  ).toBe("best KID 0.25000");
});

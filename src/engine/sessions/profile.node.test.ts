import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createInThreadEngine } from "../node.node.ts";
import { accumulate, network } from "../testing/programs.ts";
import { formatProfile, profileFiles, summarizeProfile } from "./profile.node.ts";
import { type ProfileEvent, summarizeEvents } from "./profile.ts";

const kernel = (
  name: string,
  op: string,
  dur: number,
  inputs: number[][] = [],
  outputs: number[][] = [],
): ProfileEvent => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur,
  args: {
    op_name: op,
    input_type_shape: inputs.map((shape) => ({ float: shape })),
    output_type_shape: outputs.map((shape) => ({ float: shape })),
  },
});
const run = (dur: number): ProfileEvent => ({ cat: "Session", name: "model_run", dur });

test("kernels are summed by operator and by node, the first run left out", () => {
  const conv = (name: string, dur: number) =>
    kernel(
      name,
      "Conv",
      dur,
      [
        [2, 3, 8, 8],
        [4, 3, 3, 3],
      ],
      [[2, 4, 8, 8]],
    );
  const product = (dur: number) =>
    kernel(
      "m",
      "MatMul",
      dur,
      [
        [2, 3],
        [3, 5],
      ],
      [[2, 5]],
    );
  const events = [
    { cat: "Session", name: "session_initialization", dur: 9 },
    ...[conv("a", 900), conv("b", 900), product(900), run(3000)],
    ...[conv("a", 10), conv("b", 20), product(60), run(100)],
    ...[conv("a", 20), conv("b", 30), product(60), run(120)],
  ];
  const summary = summarizeEvents(events);
  expect(summary).toMatchObject({ runs: 2, runMicroseconds: 110, kernelMicroseconds: 100 });
  const flop = 2 * (2 * 4 * 64) * 27;
  expect(summary.byOperator).toEqual([
    {
      opType: "MatMul",
      name: "",
      shapes: "",
      calls: 2,
      microseconds: 120,
      share: 0.6,
      gflops: 120 / 120 / 1000,
    },
    {
      opType: "Conv",
      name: "",
      shapes: "",
      calls: 4,
      microseconds: 80,
      share: 0.4,
      gflops: (4 * flop) / 80 / 1000,
    },
  ]);
  expect(summary.byNode.map(({ name, microseconds }) => [name, microseconds])).toEqual([
    ["m", 120],
    ["b", 50],
    ["a", 30],
  ]);
  expect(summary.byNode[1]?.shapes).toBe("2x3x8x8,4x3x3x3 -> 2x4x8x8");
  expect(summarizeEvents(events, 0).runs).toBe(3);
  expect(summarizeEvents([]).byNode).toEqual([]);
});

test("a real profile: one file a program, found by its prefix", async () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const prefix = join(folder, "new", "run");
  const engine = await createInThreadEngine({ device: "cpu", threads: 1, profile: prefix });
  const first = await engine.compile(network);
  const second = await engine.compile({ ...accumulate(4), name: "D step" });
  await engine.writeState({ kernel: new Float32Array(32 * 27), matrix: new Float32Array(8192 * 16) });
  for (let i = 0; i < 4; i++) await first.run({ x: new Float32Array(8 * 3 * 256) });
  await first.release();
  await second.release();
  await engine.close();

  const paths = profileFiles(prefix);
  expect(paths).toHaveLength(2);
  const path = paths.find((file) => file.includes("run-network_"));
  const summary = summarizeProfile(path ?? "");
  expect(summary.runs).toBe(3);
  expect(summary.byNode.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1);
  const conv = summary.byOperator.find(({ opType }) => /Conv/.test(opType));
  expect(conv?.calls).toBe(3);
  expect(conv?.gflops).toBeGreaterThan(0);
  expect(formatProfile(summary)).toMatch(/^3 runs, .*Conv.*8x3x16x16/s);
  expect(paths.some((file) => file.includes("run-D_step_"))).toBe(true);
});

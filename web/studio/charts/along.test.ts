/** Steps as places on another axis, and the command that goes on after an end. */
import { describe, expect, it } from "vitest";
import { nextCommand } from "../run/next.ts";
import { alongOf, placed } from "./along.ts";
import type { RunData } from "./chart-lines.ts";

const run = (stepSeconds: readonly (number | null)[], steps: readonly number[], config = {}): RunData =>
  ({
    detail: { config: { "training.batchSize": 64, "training.discIters": 2, ...config } },
    curves: { steps, curves: { stepSeconds: { mean: stepSeconds } } },
  }) as unknown as RunData;

describe("the axis of images", () => {
  it("counts those that the discriminator was shown, and leads back", () => {
    const along = alongOf("images", run([], []));
    expect([along.place(0), along.place(10)]).toEqual([0, 1280]);
    expect(along.step(1300)).toBe(10);
    const { steps } = placed([{ steps: [1, 2] }], along)[0]!;
    expect(steps).toEqual([128, 256]);
  });
});

describe("the axis of time", () => {
  it("adds up what the updates took, bucket by bucket, and leads back", () => {
    const along = alongOf("time", run([2, null, 4], [10, 20, 30]));
    expect([0, 5, 10, 20, 30].map(along.place)).toEqual([0, 10, 20, 40, 80]);
    expect([0, 10, 60, 80].map(along.step)).toEqual([0, 5, 25, 30]);
  });

  it("goes on beyond the last step that is known, and is 0 where none is", () => {
    expect(alongOf("time", run([1], [10])).place(20)).toBe(20);
    expect(alongOf("time", run([], [])).place(20)).toBe(0);
  });
});

describe("the command after an end", () => {
  const end = (how: string, more = {}) =>
    ({
      ...{ id: "a b/c", status: { how }, changes: [] },
      config: { "optimizer.learningRate": 0.002 },
      ...more,
    }) as unknown as Parameters<typeof nextCommand>[0];
  const hint = { call: "npx quarterturn", place: "runs" };
  it("goes on with a run that was interrupted, wherever its folder is", () => {
    expect(nextCommand(end("killed"), hint)).toBe("npx quarterturn train --run 'runs/a b/c'");
    expect(nextCommand(end("killed"), { ...hint, place: "." })).toBe("npx quarterturn train --run 'a b/c'");
    expect(nextCommand(end("killed"), null)).toBe("quarterturn train --run 'runs/a b/c'");
  });

  it("begins one that diverged anew, with a tenth of the rate that was in force", () => {
    expect(nextCommand(end("diverged"), hint)).toMatch(/ --new --set optimizer\.learningRate=0\.0002$/);
    const changes = [{ step: 5, values: { "optimizer.learningRate": 0.03 } }];
    expect(nextCommand(end("diverged", { changes }), hint)).toMatch(/learningRate=0\.003$/);
  });
});

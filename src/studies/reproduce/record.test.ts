/** Numbers over the seeds of a model. */
import { expect, it } from "vitest";
import { fakeEvaluation } from "../../training/testing/fake-evaluation.ts";
import { lastFid, meanCurve, overSeeds, type RunRecord } from "./record.ts";

const run = (
  label: string,
  seed: number,
  fids: readonly (readonly [step: number, fid: number])[],
): RunRecord => ({
  id: `${label} ${seed}`,
  dir: "",
  label,
  seed,
  state: "done",
  step: fids.at(-1)?.[0] ?? 0,
  steps: 20,
  evaluations: fids.map(([step, fid]) => fakeEvaluation(step, fid)),
  probes: [],
  stepSeconds: Number.NaN,
});
const points = ({ evaluations }: RunRecord) =>
  evaluations.map(({ step, metrics }) => [step, metrics.fid!.mean] as const);

it("are of the model's own runs that have come furthest", () => {
  const runs = [
    run("a", 1, [
      [10, 9],
      [20, 4],
    ]),
    run("a", 2, [
      [10, 8],
      [20, 6],
    ]),
    run("a", 3, [[10, 100]]),
    run("b", 1, [[20, 1]]),
    run("a", 4, []),
  ];
  expect(overSeeds(runs, "a", lastFid)).toEqual({
    values: [4, 6],
    seeds: [1, 2],
    mean: 5,
    deviation: Math.SQRT2,
    step: 20,
  });
  expect(overSeeds(runs, "b", lastFid)).toMatchObject({ values: [1], deviation: null });
  expect(overSeeds(runs, "c", lastFid)).toBeUndefined();
});

it("a curve has the steps that all runs begun have", () => {
  const runs = [
    run("a", 1, [
      [10, 9],
      [20, 4],
    ]),
    run("a", 2, [[10, 7]]),
    run("a", 3, []),
  ];
  expect(meanCurve(runs, "a", points)).toEqual([[10, 8]]);
  expect(meanCurve(runs, "b", points)).toEqual([]);
});

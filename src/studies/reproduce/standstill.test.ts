/** Discriminators that tell nothing any more. */
import { expect, it } from "vitest";
import { standstill, standstillSentences, standstillTest } from "./standstill.ts";

const lasting = (loss: number, steps: number): number[] => Array.from({ length: steps }, () => loss);

it("are at a standstill after 300 steps of which 95% cost 2.00 ± 0.02", () => {
  expect(standstill([...lasting(1, 100), ...lasting(2.01, 300)])).toEqual({ share: 0.75, from: 385 });
  expect(standstill([...lasting(1, 100), ...lasting(2.01, 284)]).from).toBeUndefined();
  expect(standstill(lasting(2.01, 284)).from).toBeUndefined();
  expect(standstill(lasting(1.97, 1000))).toEqual({ share: 0, from: undefined });
  expect(standstill([])).toEqual({ share: 0, from: undefined });
});

it("not where the loss swings around 2, whose mean is the same", () => {
  const swings = Array.from({ length: 400 }, (_, i) => (i % 2 ? 1.8 : 2.2));
  expect(standstill(swings)).toEqual({ share: 0, from: undefined });
});

const side = (label: string, stopped: number, runs: number) =>
  Array.from({ length: runs }, (_, i) => ({
    label,
    standstill: { share: 0.5, from: i < stopped ? 400 : undefined },
  }));

it("are counted by model and compared by Fisher's exact test", () => {
  const runs = [...side("a", 6, 6), ...side("b", 0, 6), { label: "c" }];
  expect(standstillSentences(runs, ["a", "b", "c"])).toEqual([
    "A hinge loss of 2.00 ± 0.02 is that of a discriminator that tells nothing: a 50.0% of the steps, 6 of 6 runs at a standstill; b 50.0% of the steps, 0 of 6 runs at a standstill (a standstill: 300 steps of which 95% are there).",
  ]);
  // scipy.stats.fisher_exact([[6, 0], [0, 6]])
  expect(standstillTest(runs, ["a", "b"])!.p).toBeCloseTo(0.0021645021645021645, 12);
  expect(standstillTest(runs, ["a", "c"])).toBeUndefined();
  expect(standstillSentences(runs, ["c"])).toEqual([]);
});

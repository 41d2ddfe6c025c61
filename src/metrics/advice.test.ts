/** Numbers in words. */
import { describe, expect, it } from "vitest";
import { evaluationAdvice, readingOrder } from "./advice.ts";
import type { Evaluation } from "./evaluate.ts";

/** An evaluation of so many images with some numbers. */
function evaluation(
  count: number,
  numbers: Readonly<Record<string, number>>,
  features = "other",
): Evaluation {
  return {
    protocol: "paper",
    features: { name: features, hash: "f", dimensions: 64 },
    reference: { data: "toys", hash: "d", split: "test", count, of: count },
    generated: { count, quantisation: "float" },
    resize: { from: 32, to: 32, method: "none" },
    kidSampling: { kind: "blocks", size: 1024 },
    inceptionScoreSplits: 1,
    repeats: 1,
    metrics: Object.fromEntries(
      Object.entries(numbers).map(([key, mean]) => [key, { mean, deviation: null, values: [mean] }]),
    ),
    warnings: [],
  };
}
const words = (...args: Parameters<typeof evaluation>): string =>
  evaluationAdvice(evaluation(...args)).join("\n");

describe("the order of reading", () => {
  const rows = ["fid", "kid", "kidDeviation", "precision", "recall", "density"].map((key) => ({ key }));
  const order = (count: number) => readingOrder(rows, evaluation(count, {})).map(({ key }) => key);

  it("begins with KID and recall of few images, and keeps every number", () => {
    expect(order(2047)).toEqual(["kid", "kidDeviation", "recall", "precision", "fid", "density"]);
  });

  it("is the usual one of many", () => {
    expect(order(2048)).toEqual(rows.map(({ key }) => key));
  });
});

describe("advice", () => {
  it("says what a recall of next to nothing means", () => {
    expect(words(5000, { precision: 0.98, recall: 0.001 })).toMatch(/Recall is 0\.001.*collapsed/);
    expect(words(5000, { precision: 0.9, recall: 0.1 })).toMatch(/of few kinds/);
    expect(words(5000, { precision: 0.7, recall: 0.6 })).not.toMatch(/collapsed|few kinds/);
  });

  it("says which numbers to go by, and what the features know", () => {
    expect(words(200, { kid: 0.1 })).toMatch(/fewer than 2,048 images KID and recall/);
    expect(words(5000, { kid: 0.1 })).not.toMatch(/fewer than/);
    expect(words(5000, {}, "resnet20-cifar10")).toMatch(/photographs \(CIFAR-10\)/);
    expect(words(5000, {})).not.toMatch(/CIFAR/);
  });

  it("is never missing", () => {
    expect(evaluationAdvice(evaluation(5000, { fid: 3 }))).not.toEqual([]);
  });
});

/** The benchmark's own arithmetic: counted operations against hand counts, medians, options. */
import { describe, expect, it } from "vitest";
import { multiplyAdds, stepArithmetic } from "../bench/arithmetic.ts";
import { compareSides } from "../bench/check.ts";
import { countLines, countStep } from "../bench/count.ts";
import { medianAndRange } from "../bench/median.ts";
import { parseOptions, sizesOf } from "../bench/options.ts";
import { benchSettings, FORM_NAMES, type Form, nativeBars, speedBar } from "../bench/settings.ts";
import { UserError } from "../src/base/errors.ts";
import * as g from "../src/graph/index.ts";
import { lowerData } from "../src/graph/lower.ts";
import { buildSteps } from "../src/objectives/build.ts";
import { traceNetworks } from "../src/objectives/programs/initial-state.ts";

describe("what a step asks of a graphics card", () => {
  const settings = benchSettings("compare_gan", 16, 16);
  const rows = countStep(settings);
  const total = (key: "calls" | "gflop"): number => rows.reduce((sum, row) => sum + row[key], 0);

  it("is the arithmetic of the step, and every operator of both models once", () => {
    expect(total("gflop")).toBeCloseTo(stepArithmetic(settings).folded, 6);
    const { discriminatorStep, generatorStep } = buildSteps(settings, g.WEBGPU_TARGET);
    const operators = [discriminatorStep, generatorStep].map(({ name, code }) => {
      if (code.format !== "graph") throw new Error(`${name} is no graph`);
      return lowerData(name, code.graph, "webgpu").nodes.length;
    });
    expect(total("calls")).toBe(operators[0]! + operators[1]!);
  });

  it("moves at least what its convolutions read and write, and says so in a table", () => {
    const conv = rows.find(({ primitive }) => primitive === "conv2d")!;
    expect(conv.megabytes).toBeGreaterThan(1);
    expect(conv.gflop).toBeGreaterThan(0);
    expect(rows[0]!.megabytes).toBeGreaterThanOrEqual(rows.at(-1)!.megabytes);
    expect(countLines("x", rows).at(-1)).toMatch(/operations a byte/);
  });
});

describe("multiply-adds", () => {
  const x = g.input("x", [2, 3, 8, 8]);
  const w = g.input("w", [5, 3, 3, 3]);
  const geometry = g.convGeometry({ stride: 2, padding: 1 });
  // [2, 5, 4, 4] results of 27 products each; the two adjoints do the same work.
  const work = 2 * 5 * 16 * 27;
  const y = g.conv2d(x, w, undefined, { stride: 2, padding: 1 });
  it.each<[string, g.Tensor, number]>([
    ["conv2d", y, work],
    ["convInput", g.convInput(y, w, geometry, [8, 8]), work],
    ["convWeight", g.convWeight(x, y, geometry, [3, 3]), work],
    ["matmul", g.matmul(g.input("a", [4, 7]), g.input("b", [7, 3])), 4 * 7 * 3],
    ["matmul, transposed", g.matmul(g.input("a", [7, 4]), g.input("b", [3, 7]), true, true), 4 * 7 * 3],
    ["anything else", g.relu(x), 0],
  ])("%s", (_, node, expected) => expect(multiplyAdds(node)).toBe(expected));

  it("folding saves arithmetic in both forms, more where zeros are inserted", () => {
    const saved = (["compare_gan", "mimicry"] as const).map((form) => {
      const { folded, unfolded } = stepArithmetic(benchSettings(form, 16, 16));
      return unfolded / folded;
    });
    expect(saved[1]).toBeGreaterThan(1.2);
    expect(saved[0]).toBeGreaterThan(saved[1]!);
  });

  it("a step of the paper's network at width 32 is the two updates and nothing else: 29.8 GFLOP", () => {
    expect(stepArithmetic(benchSettings("compare_gan", 32, 32)).folded).toBeCloseTo(29.8, 1);
  });
});

it("medians of odd and even numbers of values", () => {
  expect(medianAndRange([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(medianAndRange([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(medianAndRange([7])).toEqual({ median: 7, min: 7, max: 7 });
});

describe("options", () => {
  it("defaults, quick, widths", () => {
    expect(parseOptions([])).toMatchObject({ forms: FORM_NAMES, rounds: 3, quick: false });
    expect(parseOptions(["--form", "mimicry, sndcgan"])).toMatchObject({ forms: ["mimicry", "sndcgan"] });
    expect(sizesOf("resnet5", { sizes: undefined, quick: false })).toEqual([
      { generator: 128, discriminator: 16 },
      { generator: 512, discriminator: 64 },
    ]);
    expect(parseOptions(["--quick"])).toMatchObject({ rounds: 1, quick: true });
    expect(sizesOf("compare_gan", { sizes: undefined, quick: true })).toEqual([
      { generator: 32, discriminator: 32 },
    ]);
    expect(parseOptions(["--widths", "8/4,256/128"])).toMatchObject({
      sizes: [
        { generator: 8, discriminator: 4 },
        { generator: 256, discriminator: 128 },
      ],
    });
    expect(parseOptions(["--help"])).toBe("help");
  });
  it.each([["--form", "biggan"], ["--widths", "32"], ["--rounds", "0"], ["--nonsense"]])(
    "refuses %s %s",
    (...args) => {
      expect(() => parseOptions(args.filter(Boolean))).toThrow(UserError);
    },
  );
});

it("what is aimed at", () => {
  const bar = (form: Form, g: number, d: number) => speedBar(form, { generator: g, discriminator: d });
  expect([bar("compare_gan", 32, 32), bar("compare_gan", 64, 64), bar("compare_gan", 256, 128)]).toEqual([
    1.5, 2, 2.4,
  ]);
  expect(bar("mimicry", 256, 128)).toBe(1.3);
  expect([bar("resnet5", 512, 64), bar("wgan-gp", 32, 32), bar("sndcgan", 512, 64)]).toEqual([
    1.5, 1.5, 1.15,
  ]);
});

it("what is aimed at in bfloat16", () => {
  expect(nativeBars("compare_gan", { generator: 64, discriminator: 64 })).toEqual({ best: 1.6, plain: 4 });
  expect(nativeBars("sndcgan", { generator: 512, discriminator: 64 })).toEqual({ best: 1.2 });
});

describe("both sides must compute the same step", () => {
  const parameters = { generator: 10, discriminator: 20 };
  const side = (d: number, g: number, later = d, own = parameters) => ({
    parameters: own,
    losses: [
      { discriminator: d, generator: g },
      { discriminator: later, generator: g },
    ],
  });
  it("the largest difference, relative above 1", () => {
    expect(compareSides(side(4, 0.5), side(4, 0.501), "x")).toBeCloseTo(1e-3, 8);
    expect(compareSides(side(4, 0.5), side(4, 0.5, 4.004), "x")).toBeCloseTo(1e-3, 8);
  });
  it("has more room where it is told so", () => {
    expect(() => compareSides(side(4, 0.5), side(4.04, 0.5, 4), "x")).toThrow("loss 1");
    expect(compareSides(side(4, 0.5), side(4.04, 0.5, 4), "x", [0.02, 0.1, 0.1, 0.1])).toBeCloseTo(0.01, 8);
  });
  it.each([
    ["first loss, which no update has touched", side(4.004, 0.5, 4)],
    ["later loss", side(4, 0.6)],
    ["loss that is no number", side(4, 0.5, Number.NaN)],
    ["number of parameters", side(4, 0.5, 4, { generator: 10, discriminator: 21 })],
    ["number of steps", { parameters, losses: [] }],
  ])("refuses another %s", (_, other) => {
    expect(() => compareSides(side(4, 0.5), other, "x")).toThrow(/^x: /);
  });
});

it("every form has settings its networks can be built with", () => {
  for (const form of FORM_NAMES)
    for (const { generator, discriminator } of sizesOf(form, { sizes: undefined, quick: false })) {
      const { parameters } = traceNetworks(benchSettings(form, generator, discriminator)).generator;
      expect(parameters[0]!.shape[0]! % generator, form).toBe(0);
    }
});

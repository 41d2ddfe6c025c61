/**
 * Penalties on a critic whose slope is known in closed form: f(x) = ½ Σ w x², so that ∂f/∂x = w x,
 * and the penalty and its gradient by w (which goes through the gradient by x) can be written down.
 */
import { describe, expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { randomStream } from "../../base/random.ts";
import { gradients, input, mul, reshape, sum, type Tensor } from "../../graph/index.ts";
import { evaluate, type Values } from "../../graph/testing/evaluate.ts";
import type { PenaltyInput } from "./penalty.ts";
import { PENALTIES } from "./registry.ts";

const N = 3;
const SHAPE = [N, 3, 2, 2];
const PIXELS = 12;
const random = randomStream(4, "penalties");
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.uniform());

/** What a penalty gives for given images, numbers and w, and its gradient by w. */
async function apply(
  name: "wgan-gp" | "dragan" | "r1" | "r1-r2",
  images: { readonly real: Float32Array; readonly fake: Float32Array },
  numbers: Readonly<Record<string, Float32Array>>,
  w: Float32Array,
): Promise<{
  value: number;
  byW: Float32Array;
  byFake: Float32Array;
  drawn: Record<string, readonly number[]>;
  shown: readonly (readonly string[])[];
}> {
  const [real, fake, weights] = [input("real", SHAPE), input("fake", SHAPE), input("w", [1, 3, 2, 2])];
  const feeds = new Map<Tensor, Values>([
    [real, images.real],
    [fake, images.fake],
    [weights, w],
  ]);
  const drawn: Record<string, readonly number[]> = {};
  const shown: (readonly string[])[] = [];
  const given: PenaltyInput = {
    real,
    fake,
    logitsOf: (x, like = ["real"]) => {
      shown.push(like);
      expect(x.shape[0]).toBe(like.length * N);
      return reshape(sum(mul(mul(mul(x, x), weights), 0.5), [1, 2, 3]), [x.shape[0]!, 1]);
    },
    kernels: [],
    draw: (key, shape, values) => {
      expect(values).toBe("uniform");
      drawn[key] = shape;
      const tensor = input(key, shape);
      feeds.set(tensor, numbers[key]!);
      return tensor;
    },
  };
  const value = PENALTIES[name].build(given);
  expect(value.shape).toEqual([]);
  const [byW, byFake] = gradients(value, [weights, fake]) as [Tensor, Tensor];
  const out = await evaluate({ value, byW, byFake }, feeds);
  const { byW: w1, byFake: f1 } = out as Record<string, Float32Array>;
  return { value: Number(out.value![0]), byW: w1!, byFake: f1!, drawn, shown };
}

/** The same by hand: x̂ [N · 12] → penalty and its gradient. */
function byHand(x: readonly number[], w: Float32Array): { value: number; byW: number[] } {
  let value = 0;
  const byW = new Array<number>(PIXELS).fill(0);
  for (let n = 0; n < N; n++) {
    const of = (i: number): number => x[n * PIXELS + i]!;
    let squares = 0;
    for (let i = 0; i < PIXELS; i++) squares += (w[i]! * of(i)) ** 2;
    const slope = Math.sqrt(1e-4 + squares);
    value += (slope - 1) ** 2 / N;
    for (let i = 0; i < PIXELS; i++) byW[i]! += (2 * (slope - 1) * w[i]! * of(i) ** 2) / slope / N;
  }
  return { value, byW };
}

const w = draw(PIXELS).map((v) => 2 * v - 0.5);
const images = { real: draw(N * PIXELS), fake: draw(N * PIXELS) };

describe("WGAN-GP", () => {
  it("looks between real and generated images, one place for each pair", async () => {
    const mixing = Float32Array.of(0, 0.25, 0.9);
    const got = await apply("wgan-gp", images, { mixing }, w);
    const between = [...images.real].map((x, i) => {
      const a = mixing[Math.floor(i / PIXELS)]!;
      return x + a * (images.fake[i]! - x);
    });
    const expected = byHand(between, w);
    expect(got.drawn).toEqual({ mixing: [N] });
    expectClose([got.value], [expected.value], { relative: 1e-5, name: "value" });
    expectClose(got.byW, expected.byW, { relative: 1e-5, name: "gradient by w" });
  });

  it("has a gradient even where the critic is flat", async () => {
    const flat = await apply("wgan-gp", images, { mixing: draw(N) }, new Float32Array(PIXELS));
    expect(flat.value).toBeCloseTo((Math.sqrt(1e-4) - 1) ** 2, 6);
    expect([...flat.byW].every(Number.isFinite)).toBe(true);
  });
});

describe("DRAGAN", () => {
  it("looks around real images, as far as all of them spread, within [0, 1]", async () => {
    const noise = draw(N * PIXELS);
    // Some numbers at the borders, so that clipping has something to do.
    const real = images.real.map((x, i) => (i % 5 === 0 ? 0 : i % 7 === 0 ? 1 : x));
    const got = await apply("dragan", { ...images, real }, { noise }, w);
    const mean = real.reduce((a, b) => a + b, 0) / real.length;
    const deviation = Math.sqrt(real.reduce((a, x) => a + (x - mean) ** 2, 0) / real.length);
    const around = [...real].map((x, i) => Math.min(1, Math.max(0, x + deviation * (noise[i]! - 0.5))));
    expect(around.filter((x) => x === 0 || x === 1).length).toBeGreaterThan(3);
    const expected = byHand(around, w);
    expect(got.drawn).toEqual({ noise: SHAPE });
    expectClose([got.value], [expected.value], { relative: 1e-5, name: "value" });
    expectClose(got.byW, expected.byW, { relative: 1e-5, name: "gradient by w" });
  });
});

/** Zero-centered by hand: the mean over images of ½ Σ (w x)², and its gradient by w. */
function zeroCentered(x: ArrayLike<number>, w: Float32Array): { value: number; byW: number[] } {
  const count = x.length / PIXELS;
  let value = 0;
  const byW = new Array<number>(PIXELS).fill(0);
  for (let i = 0; i < x.length; i++) {
    const [weight, pixel] = [w[i % PIXELS]!, x[i]!];
    value += (0.5 * (weight * pixel) ** 2) / count;
    byW[i % PIXELS]! += (weight * pixel ** 2) / count;
  }
  return { value, byW };
}

describe("zero-centered penalties", () => {
  it("R1 is the mean over real images of half the squared slope, in one pass as real ones", async () => {
    const got = await apply("r1", images, {}, w);
    const expected = zeroCentered(images.real, w);
    expect(got.drawn).toEqual({});
    expect(got.shown).toEqual([["real"]]);
    expectClose([got.value], [expected.value], { relative: 1e-5, name: "value" });
    expectClose(got.byW, expected.byW, { relative: 1e-5, name: "gradient by w" });
    const other = await apply("r1", { ...images, fake: draw(N * PIXELS) }, {}, w);
    expect(other.value).toBe(got.value);
  });

  it("R1 + R2 adds the same of generated images, each shown as what it is, and moves no image", async () => {
    const got = await apply("r1-r2", images, {}, w);
    const [real, fake] = [zeroCentered(images.real, w), zeroCentered(images.fake, w)];
    expect(got.shown).toEqual([["real", "fake"]]);
    expectClose([got.value], [real.value + fake.value], { relative: 1e-5, name: "value" });
    expectClose(
      got.byW,
      real.byW.map((v, i) => v + fake.byW[i]!),
      { relative: 1e-5, name: "gradient by w" },
    );
    expect(got.byFake.every((v) => v === 0)).toBe(true);
  });

  it.each(["r1", "r1-r2"] as const)("%s: its gradient is the slope of its value", async (name) => {
    const { byW } = await apply(name, images, {}, w);
    const by = 2 ** -5;
    for (const i of [0, 5, PIXELS - 1]) {
      const at = async (step: number): Promise<number> =>
        (
          await apply(
            name,
            images,
            {},
            w.map((v, j) => (j === i ? v + step : v)),
          )
        ).value;
      // Of a parabola the central difference is exact, up to rounding.
      const slope = ((await at(by)) - (await at(-by))) / (2 * by);
      expectClose([slope], [byW[i]!], { relative: 1e-4, absolute: 1e-5, name: `by w[${i}]` });
    }
  });

  it.each(["r1", "r1-r2"] as const)(
    "%s is 0, with a gradient of 0, where the critic is flat",
    async (name) => {
      const flat = await apply(name, images, {}, new Float32Array(PIXELS));
      expect(flat.value).toBe(0);
      expect(flat.byW.every((v) => v === 0)).toBe(true);
    },
  );
});

describe("L2", () => {
  it("is the mean over kernels of half their squares", async () => {
    const [a, b] = [input("a", [2, 2]), input("b", [3])];
    const nothing = (): never => {
      throw new Error("asks for more than kernels");
    };
    const value = PENALTIES.l2.build({ real: a, fake: a, logitsOf: nothing, draw: nothing, kernels: [a, b] });
    const feeds = new Map([
      [a, Float32Array.of(1, 2, 3, 4)],
      [b, Float32Array.of(1, -1, 2)],
    ]);
    const out = await evaluate({ value, byB: gradients(value, [b])[0]! }, feeds);
    expect(out.value![0]).toBeCloseTo((15 + 3) / 2, 6);
    expect([...out.byB!]).toEqual([0.5, -0.5, 1]);
  });
});

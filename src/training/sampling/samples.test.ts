/** Latents, batching of the sampler, grids, diversity, interpolation, GIF. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { fakeEngine, fakeSteps, LATENT, SIDE } from "../testing/fake.ts";
import { encodeGif } from "./gif.ts";
import { closedWalk, interpolate } from "./interpolation.ts";
import { AVERAGED, diversity, drawLatents, generate, imageGrid } from "./samples.ts";

const norm = (v: Float32Array): number => Math.hypot(...v);

describe("latents", () => {
  it("have the distribution asked for", () => {
    const normal = drawLatents(randomStream(1, "x"), 2000, 8, "normal");
    const mean = normal.reduce((a, b) => a + b, 0) / normal.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(normal.reduce((a, b) => a + b * b, 0) / normal.length).toBeCloseTo(1, 1);
    const uniform = drawLatents(randomStream(1, "x"), 2000, 8, "uniform");
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...uniform)).toBeLessThanOrEqual(1);
    expect(uniform.reduce((a, b) => a + b * b, 0) / uniform.length).toBeCloseTo(1 / 3, 1);
  });

  it("walk along the sphere when normal, straight when uniform", () => {
    const a = drawLatents(randomStream(2, "a"), 1, 128, "normal");
    const b = drawLatents(randomStream(2, "b"), 1, 128, "normal").map((x) => (x * norm(a)) / 11);
    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      const between = norm(interpolate(a, b, t, "normal"));
      expect(between).toBeGreaterThan(0.98 * Math.min(norm(a), norm(b)));
      expect(interpolate(a, b, t, "uniform")[7]).toBeCloseTo((1 - t) * a[7]! + t * b[7]!, 5);
    }
    expect(interpolate(a, b, 0, "normal")).toEqual(a);
    expect(interpolate(a, a, 0.3, "normal")[0]).toBeCloseTo(a[0]!, 6);
  });

  it("walk in a circle through all anchors", () => {
    const anchors = drawLatents(randomStream(3, "a"), 3, 5, "normal");
    const walk = closedWalk(anchors, 5, 4, "normal");
    expect(walk.length).toBe(3 * 4 * 5);
    for (let k = 0; k < 3; k++)
      expect(walk.subarray(k * 20, k * 20 + 5)).toEqual(anchors.subarray(k * 5, k * 5 + 5));
  });
});

describe("generate", () => {
  it("gives the same image for a latent wherever it lies in whatever batch", async () => {
    const engine = fakeEngine();
    const steps = fakeSteps();
    await engine.writeState(steps.initialState(1));
    const sampler = await engine.compile(steps.sampler);
    const latents = drawLatents(randomStream(1, "x"), 23, LATENT, "normal");
    const all = await generate(sampler, latents);
    const bytes = SIDE * SIDE * 3;
    expect(all.length).toBe(23 * bytes);
    for (const i of [0, 9, 10, 22]) {
      const alone = await generate(sampler, latents.subarray(i * LATENT, (i + 1) * LATENT));
      expect(alone).toEqual(all.subarray(i * bytes, (i + 1) * bytes));
    }
    await engine.writeState({ "generator/ema": new Float32Array(6).fill(0.7) });
    expect(await generate(sampler, latents, AVERAGED)).not.toEqual(all);
    await expect(generate(sampler, latents.subarray(1))).rejects.toThrow("multiple of 4");
  });
});

describe("imageGrid", () => {
  it("puts every image where it belongs, on white", () => {
    const counts = fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 2 }), ({ count, columns }, gap) => {
        const images = Uint8Array.from({ length: count * 12 }, (_, i) => Math.floor(i / 12));
        const { width, height, pixels } = imageGrid(images, 2, columns, gap);
        const across = Math.min(columns, count);
        expect([width, pixels.length]).toEqual([across * (2 + gap) - gap, width * height * 3]);
        for (let i = 0; i < count; i++) {
          const [x, y] = [(i % across) * (2 + gap), Math.floor(i / across) * (2 + gap)];
          for (const [dx, dy] of [
            [0, 0],
            [1, 1],
          ] as const)
            expect(pixels[((y + dy) * width + x + dx) * 3]).toBe(i);
        }
        expect(pixels.filter((value) => value < 250).length).toBe(count * 12);
      }),
    );
  });
});

describe("spread", () => {
  it("is the root mean squared distance over all pairs", () => {
    const stream = randomStream(4, "x");
    const [count, length] = [6, 12];
    const images = Uint8Array.from({ length: count * length }, () => stream.integer(256));
    let total = 0;
    for (let a = 0; a < count; a++)
      for (let b = 0; b < count; b++)
        for (let p = 0; p < length; p++) total += (images[a * length + p]! - images[b * length + p]!) ** 2;
    expect(diversity(images, count)).toBeCloseTo(Math.sqrt(total / (count * (count - 1)) / length), 8);
    expect(diversity(new Uint8Array(24).fill(77), 2)).toBe(0);
  });
});

describe("encodeGif", () => {
  it("writes every frame, and refuses none or frames of two sizes", () => {
    const frame = (value: number, width = 4) => ({
      width,
      height: 2,
      pixels: new Uint8Array(width * 6).fill(value),
    });
    const gif = encodeGif([frame(0), frame(128), frame(255)], 50);
    expect(new TextDecoder().decode(gif.subarray(0, 6))).toBe("GIF89a");
    expect([gif[6], gif[8], gif.at(-1)]).toEqual([4, 2, 0x3b]);
    // Every frame is announced by a graphic control extension with its delay in hundredths.
    const controls = gif.filter((_, i) => gif[i] === 0x21 && gif[i + 1] === 0xf9 && gif[i + 4] === 5);
    expect(controls.length).toBe(3);
    expect(() => encodeGif([], 50)).toThrow(RangeError);
    expect(() => encodeGif([frame(0), frame(0, 5)], 50)).toThrow("4×2 and 5×2");
  });
});

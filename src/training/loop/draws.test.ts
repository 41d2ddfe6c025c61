/** Random feeds: distributions, streams of their own, and going on from a checkpoint. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import type { DrawnFeed } from "../../objectives/steps/draws.ts";
import { drawLatents } from "../sampling/samples.ts";
import { drawFeeds, openStreams, saveStreams } from "./draws.ts";

const feed = (name: string, values: DrawnFeed["values"], stream: string, ...shape: number[]): DrawnFeed => ({
  name,
  shape,
  values,
  stream,
});
const discriminatorStep = [
  feed("latents", "latents", "latents", 4, 3),
  feed("fakeLabels", "classes", "labels", 1000),
  feed("noise", "uniform", "penalty", 50, 40),
];
const draws = { discriminatorStep, generatorStep: [feed("latents", "latents", "latents", 4, 3)] };
const settings = { latentDistribution: "normal", classes: 5 } as const;

describe("drawn feeds", () => {
  it("have the distributions asked for", () => {
    const drawn = drawFeeds(discriminatorStep, openStreams(draws, 1), settings);
    const labels = [...(drawn.fakeLabels as BigInt64Array)].map(Number);
    expect(new Set(labels)).toEqual(new Set([0, 1, 2, 3, 4]));
    for (const k of [0, 1, 2, 3, 4])
      expect(Math.abs(labels.filter((label) => label === k).length - 200)).toBeLessThan(60);
    const noise = drawn.noise as Float32Array;
    expect(noise.length).toBe(2000);
    expect(noise.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(noise.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(0.5, 1);
  });

  it("are whole numbers of a range of their own where a task asks for them", () => {
    const orders = feed("realTransformations", { below: 24 }, "pretext", 200);
    const drawn = drawFeeds([orders], openStreams({ ...draws, discriminatorStep: [orders] }, 1), settings);
    const values = [...(drawn.realTransformations as BigInt64Array)].map(Number);
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBe(23);
    expect(new Set(values).size).toBe(24);
  });

  it("are below 1 even for the largest bits a stream gives", () => {
    const stream = { ...randomStream(1, "x"), uint32: () => 0xffff_ffff };
    const drawn = drawFeeds([feed("u", "uniform", "s", 1)], { s: stream }, settings);
    expect(drawn.u![0]).toBeLessThan(1);
  });

  it("leave the latents what they were before there were others", () => {
    const streams = openStreams(draws, 9);
    const first = drawFeeds(draws.discriminatorStep, streams, settings).latents;
    const second = drawFeeds(draws.generatorStep, streams, settings).latents;
    const alone = randomStream(9, "latents");
    expect(first).toEqual(drawLatents(alone, 4, 3, "normal"));
    expect(second).toEqual(drawLatents(alone, 4, 3, "normal"));
  });
});

describe("streams", () => {
  it("go on where they were saved", () => {
    const streams = openStreams(draws, 3);
    drawFeeds(discriminatorStep, streams, settings);
    const resumed = openStreams(draws, 3, JSON.parse(JSON.stringify(saveStreams(streams))));
    expect(drawFeeds(discriminatorStep, resumed, settings)).toEqual(
      drawFeeds(discriminatorStep, streams, settings),
    );
  });

  it("that a checkpoint does not have begin under the run's seed", () => {
    const { latents } = saveStreams(openStreams(draws, 3));
    const { penalty } = openStreams(draws, 3, { latents: latents! });
    expect(penalty!.save()).toEqual(randomStream(3, "penalty").save());
  });
});

/**
 * Collapse: grids that people have labeled are all judged as they were, and a figure drawn at many
 * sizes is one figure.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../../base/random.ts";
import type { SampleEvent, WarningEvent } from "../../events.ts";
import { diversity } from "../../sampling/samples.ts";
import { showsOneFigure } from "./collapse.ts";
import { type HealthState, observeSample, UNOBSERVED } from "./health.ts";
import { type Variety, varietyMeter } from "./variety.ts";

interface Labeled extends Variety {
  readonly label: "collapsed" | "varied" | "undecided";
  readonly name: string;
}
const grids = JSON.parse(
  readFileSync(new URL("../../testing/collapse-grids.json", import.meta.url), "utf8"),
) as Labeled[];

const SIDE = 32;
const COUNT = 64;

/**
 * Figures on white: `draw` says which color a point of the figure's own square, −1…1, has, if any.
 */
function drawings(
  draw: (image: number) => (x: number, y: number) => readonly number[] | undefined,
): Uint8Array {
  const stream = randomStream(3, "figures");
  const out = new Uint8Array(COUNT * SIDE * SIDE * 3).fill(255);
  for (let i = 0; i < COUNT; i++) {
    const figure = draw(i);
    const radius = 4 + 11 * stream.uniform();
    for (let p = 0; p < SIDE * SIDE; p++) {
      const [x, y] = [((p % SIDE) - 15.5) / radius, (Math.floor(p / SIDE) - 15.5) / radius];
      if (Math.max(Math.abs(x), Math.abs(y)) > 1) continue;
      const color = figure(x, y);
      if (color) out.set(color, (i * SIDE * SIDE + p) * 3);
    }
  }
  return out;
}

/** A figure of four by four patches, some of them missing, in a palette of its own. */
function anyFigure(seed: number) {
  const stream = randomStream(seed, "figure");
  const patches = Array.from({ length: 16 }, () =>
    stream.uniform() < 0.3 ? undefined : [0, 1, 2].map(() => Math.floor(200 * stream.uniform())),
  );
  return (x: number, y: number) =>
    patches[4 * Math.min(3, Math.floor(2 * (y + 1))) + Math.min(3, Math.floor(2 * (x + 1)))];
}
const reals = drawings((i) => anyFigure(i));

describe("grids that people have looked at", () => {
  it("are at least twenty of each kind", () => {
    for (const kind of ["collapsed", "varied"])
      expect(grids.filter(({ label }) => label === kind).length).toBeGreaterThanOrEqual(20);
  });

  it("are all judged as they were", () => {
    const decided = grids.filter(({ label }) => label !== "undecided");
    const misjudged = decided.filter((grid) => showsOneFigure(grid) !== (grid.label === "collapsed"));
    expect(misjudged).toEqual([]);
  });
});

describe("the variety of drawings", () => {
  const meter = varietyMeter(reals, SIDE);

  it("is near 1 for others of their kind, and no collapse", () => {
    const variety = meter.of(drawings((i) => anyFigure(1000 + i)));
    expect(variety.figures).toBeGreaterThan(0.8);
    expect(variety.palettes).toBeGreaterThan(0.8);
    expect(showsOneFigure(variety)).toBe(false);
  });

  it("is that of one figure when one is drawn at many sizes, though its pixels spread widely", () => {
    const images = drawings(() => anyFigure(7));
    expect(diversity(images, COUNT) / diversity(reals, COUNT)).toBeGreaterThan(0.4);
    const variety = meter.of(images);
    expect(variety.palettes).toBeLessThan(0.2);
    expect(showsOneFigure(variety)).toBe(true);
  });

  it("is finite where there is nothing to see, or real images are all the same", () => {
    const blank = new Uint8Array(COUNT * SIDE * SIDE * 3).fill(255);
    const { figures, palettes } = meter.of(blank);
    expect(figures).toBe(0);
    // One palette: as many as the real images have would be 1.
    expect(palettes).toBeGreaterThan(0);
    expect(palettes).toBeLessThan(0.05);
    expect(varietyMeter(blank, SIDE).of(reals)).toEqual({ figures: 1, palettes: 1 });
  });
});

describe("the warning", () => {
  /** Feed grids 50 steps apart, from step 0 on. */
  function feed(varieties: readonly (Variety | undefined)[]): WarningEvent[] {
    let state: HealthState = UNOBSERVED;
    return varieties.flatMap((variety, i) => {
      const event: SampleEvent = {
        kind: "sample",
        step: 50 * i,
        file: "",
        diversity: 0.8,
        ...(variety && { variety }),
      };
      const seen = observeSample(state, event);
      state = JSON.parse(JSON.stringify(seen.state)) as HealthState;
      return seen.warnings;
    });
  }
  const [one, many] = [
    { figures: 0.3, palettes: 0.4 },
    { figures: 0.9, palettes: 0.9 },
  ];

  it("comes with the second grid in a row after the untrained one, once, and again after a recovery", () => {
    const steps = feed([one, one, one, one, many, one, one]).map(({ name, step }) => [name, step]);
    expect(steps).toEqual([
      ["collapsed-generator", 100],
      ["collapsed-generator", 300],
    ]);
  });

  it("names numbers and a remedy that is another objective", () => {
    const [warning] = feed([many, one, one]);
    expect(warning?.message).toContain("30% as many ways");
    expect(warning?.advice).toContain("objective.loss=wasserstein");
  });

  it("does not come after a single grid, nor for a record without the numbers", () => {
    expect(feed([many, one, many, one, many])).toEqual([]);
    expect(feed([undefined, undefined, undefined])).toEqual([]);
  });
});

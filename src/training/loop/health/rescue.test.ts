/**
 * What is changed to rescue a run, where it goes back to, and that its discriminator stays what it
 * was.
 */
import { describe, expect, it } from "vitest";
import { createInThreadEngine } from "../../../engine/node.node.ts";
import { STANDARD_TARGET } from "../../../graph/index.ts";
import { buildSteps } from "../../../objectives/build.ts";
import type { Steps } from "../../../objectives/steps.ts";
import { flattenConfig, parseConfig } from "../../config/check.ts";
import type { SampleEvent } from "../../events.ts";
import { assembleState, nameState } from "../../run/checkpoint/weights.ts";
import { scoreImages } from "../../sampling/predictions.ts";
import {
  lastGoodGrid,
  rescueChange,
  rescueInWords,
  stepBefore,
  withFreshRunState,
  withoutSpectralNorm,
} from "./rescue.ts";

const SMALL = {
  "data.resolution": 16,
  "generator.width": 8,
  "generator.latentSize": 8,
  "discriminator.width": 8,
  "objective.rotatedBatch": 8,
  "training.batchSize": 4,
};

describe("the change", () => {
  it("is the other game for a hinge loss, and only what differs", () => {
    const { from, to } = rescueChange(flattenConfig(parseConfig(SMALL)));
    expect(to).toMatchObject({
      "objective.loss": "wasserstein",
      "objective.penalty": "wgan-gp",
      "discriminator.spectralNorm": false,
      "optimizer.learningRate": 0.0005,
    });
    expect(from).toMatchObject({ "objective.loss": "hinge", "discriminator.spectralNorm": true });
    expect(to).not.toHaveProperty("optimizer.discriminatorLearningRate");
    expect(rescueInWords({ from, to })).toContain("objective.loss from hinge to wasserstein");
    // It is a configuration: the values fit together.
    expect(parseConfig({ ...flattenConfig(parseConfig(SMALL)), ...to }).objective.loss).toBe("wasserstein");
  });

  it("is half the learning rates where that game is played already", () => {
    const flat = flattenConfig(parseConfig(SMALL));
    const after = { ...flat, ...rescueChange(flat).to };
    expect(rescueChange(after).to).toEqual({ "optimizer.learningRate": 0.00025 });
    const both = { ...after, "optimizer.discriminatorLearningRate": 0.004 };
    expect(rescueChange(both).to).toEqual({
      "optimizer.learningRate": 0.00025,
      "optimizer.discriminatorLearningRate": 0.002,
    });
  });
});

describe("the step to go back to", () => {
  const grid = (step: number, diversity: number, figures = 1): SampleEvent => ({
    ...{ kind: "sample", step, file: "", diversity },
    variety: { figures, palettes: 1 },
  });

  it("is that of the last regular checkpoint up to the last good grid", () => {
    const samples = [grid(0, 0.01), grid(100, 0.9), grid(200, 0.9), grid(300, 0.9, 0.3), grid(400, 0.9, 0.3)];
    expect(lastGoodGrid(samples)).toBe(200);
    expect(stepBefore(samples, [50, 100, 150, 250, 300], 50)).toBe(150);
    // 150 was saved when somebody stopped the run.
    expect(stepBefore(samples, [100, 150, 300], 100)).toBe(100);
    expect(stepBefore(samples, [250, 300], 50)).toBe(0);
  });

  it("does not see grids that somebody asked for, and knows samples that are all alike", () => {
    const alike = [
      grid(0, 0.01),
      grid(100, 0.9),
      { ...grid(150, 0.01), asked: true as const },
      grid(200, 0.01),
    ];
    expect(lastGoodGrid(alike)).toBe(100);
    expect(lastGoodGrid([])).toBeUndefined();
  });
});

it("a run whose augmentation adapts goes on without, as a critic's scores have no level", () => {
  const adapting = parseConfig({ ...SMALL, "objective.loss": "non-saturating", "training.adaptive": "apa" });
  const { from, to } = rescueChange(flattenConfig(adapting));
  expect([from["training.adaptive"], to["training.adaptive"]]).toEqual(["apa", "none"]);
  expect(() => parseConfig({ ...flattenConfig(adapting), ...to })).not.toThrow();
  expect(rescueChange(flattenConfig(parseConfig(SMALL))).to).not.toHaveProperty("training.adaptive");
});

it("a run that begins with another one's weights has nothing of its moving averages", () => {
  const [plain, adapting] = [{}, { "objective.auxiliary": "lecam:0.3", "training.adaptive": "apa" }].map(
    (more) =>
      buildSteps(parseConfig({ ...SMALL, "objective.loss": "non-saturating", ...more }), STANDARD_TARGET),
  ) as [Steps, Steps];
  const learned = Object.fromEntries(
    Object.entries(plain.initialState(3)).map(([name, values]) => [name, values.map((value) => value + 1)]),
  );
  const named = withFreshRunState(nameState(learned, plain.layout), adapting.layout);
  const buffers = assembleState(named, ["discriminator/buffers"], adapting.layout, "here")[
    "discriminator/buffers"
  ]!;
  for (const { name, offset } of adapting.layout.discriminator.buffers)
    expect(buffers[offset] === 0, name).toBe(/adaptive|lecam/.test(name));
});

it("a discriminator without its spectral norms says what it said with them", async () => {
  const before = parseConfig(SMALL);
  const after = parseConfig({ ...SMALL, ...rescueChange(flattenConfig(before)).to });
  const [old, fresh] = [buildSteps(before, STANDARD_TARGET), buildSteps(after, STANDARD_TARGET)];
  const named = nameState(old.initialState(3), old.layout);
  const plain = withoutSpectralNorm(named, fresh.layout);
  expect([...named.weights.keys()].some((name) => name.endsWith("/u"))).toBe(true);
  expect([...plain.weights.keys()].some((name) => name.endsWith("/u"))).toBe(false);
  // Networks that keep their norms keep their weights.
  expect(withoutSpectralNorm(named, old.layout).weights).toEqual(named.weights);

  const images = Uint8Array.from({ length: 64 * 16 * 16 * 3 }, (_, i) => (i * 37 + (i >> 5)) % 256);
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  try {
    const scores = async (steps: typeof old, state: Record<string, Float32Array>): Promise<number[]> => {
      await engine.writeState(state);
      const scorer = await engine.compile(steps.scores!());
      const found = await scoreImages(scorer, { images, labels: undefined });
      await scorer.release();
      return found;
    };
    const entries = ["discriminator/parameters"];
    const with_ = await scores(old, old.initialState(3));
    const without = await scores(fresh, assembleState(plain, entries, fresh.layout, "here"));
    expect(Math.max(...with_) - Math.min(...with_)).toBeGreaterThan(0.01);
    without.forEach((score, i) => {
      expect(score).toBeCloseTo(with_[i]!, 4);
    });
  } finally {
    await engine.close();
  }
});

/** What the discriminator says of single images in their four turns. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { randomStream } from "../../base/random.ts";
import { rotatePixels } from "../../data/decode/rotate.ts";
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { STANDARD_TARGET } from "../../graph/index.ts";
import { paperSettings } from "../../objectives/paper-settings.ts";
import { discriminatorProgram, PREDICTION_BATCH } from "../../objectives/programs/discriminator-program.ts";
import { initialState } from "../../objectives/programs/initial-state.ts";
import { predictImages } from "./predictions.ts";

const SIDE = 16;
const COUNT = PREDICTION_BATCH + 5;
const small = {
  data: { resolution: SIDE },
  generator: { width: 4, latentSize: 6 },
  discriminator: { width: 4 },
};
const random = randomStream(1, "images");
const images = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, () => random.integer(256));
const rotated = (turns: 1 | 2 | 3): Uint8Array => {
  const bytes = SIDE * SIDE * 3;
  const all = Array.from({ length: COUNT }, (_, i) =>
    rotatePixels(images.subarray(i * bytes, (i + 1) * bytes), SIDE, turns),
  );
  return Uint8Array.from(all.flatMap((one) => [...one]));
};

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

async function predicted(settings: ReturnType<typeof paperSettings>, pixels: Uint8Array, labels?: number[]) {
  await engine.writeState(initialState(settings, 1));
  const executable = await engine.compile(
    discriminatorProgram(settings, STANDARD_TARGET, { views: "all", batch: PREDICTION_BATCH }).program,
  );
  try {
    return await predictImages(executable, pixels, labels);
  } finally {
    await executable.release();
  }
}

it("an image rotated by hand has the predictions of the one rotated in the graph", async () => {
  const settings = paperSettings(small);
  const upright = await predicted(settings, images);
  expect(upright.score).toHaveLength(4 * COUNT);
  expect(upright.rotation).toHaveLength(16 * COUNT);
  // It sees a difference between turns, else nothing is shown here.
  expect(new Set(upright.score.slice(0, 4)).size).toBeGreaterThan(1);
  for (const turns of [1, 2, 3] as const) {
    const { score, rotation } = await predicted(settings, rotated(turns));
    for (let i = 0; i < COUNT; i++) {
      expect(Math.abs(score[4 * i]! - upright.score[4 * i + turns]!)).toBeLessThan(0.0021);
      expectClose(
        Float32Array.from(rotation!.slice(16 * i, 16 * i + 4)),
        Float32Array.from(upright.rotation!.slice(16 * i + 4 * turns, 16 * i + 4 * turns + 4)),
        { relative: 0, absolute: 0.0021, name: `image ${i}, turn ${turns}` },
      );
    }
  }
});

it("probabilities are probabilities", async () => {
  const { rotation } = await predicted(paperSettings(small), images);
  for (let row = 0; row < 4 * COUNT; row++) {
    const sum = rotation!.slice(4 * row, 4 * row + 4).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(0.005);
  }
});

it("without a rotation head there is only the score", async () => {
  const plain = await predicted(paperSettings({ ...small, objective: { selfSupervision: "none" } }), images);
  expect(plain.score).toHaveLength(4 * COUNT);
  expect(plain.rotation).toBeUndefined();
});

it("a discriminator that is told the class judges by it, and must be told", async () => {
  const settings = paperSettings({
    data: { resolution: SIDE, classes: 3 },
    generator: { ...small.generator, norm: "conditional" },
    discriminator: { width: 4, conditioning: "projection" },
  });
  const of = (label: number) => predicted(settings, images, Array(COUNT).fill(label));
  expect((await of(0)).score).not.toEqual((await of(2)).score);
  await expect(predicted(settings, images)).rejects.toThrow(/every image needs one/);
});

it("no state is written, so judging cannot change a run", () => {
  expect(
    discriminatorProgram(paperSettings(small), STANDARD_TARGET, { views: "all", batch: PREDICTION_BATCH })
      .program.writes,
  ).toEqual([]);
});

/**
 * The gradient for looking at, against differences of its own loss, for losses and tasks of all
 * kinds.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { AUXILIARY_LOSSES, AUXILIARY_NAMES } from "../auxiliary/registry.ts";
import { paperSettings } from "../paper-settings.ts";
import { SELF_SUPERVISIONS } from "../pretext/registry.ts";
import { initialState, networkLayout } from "../programs/initial-state.ts";
import { layerGradients } from "./layer-gradients.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

const COUNT = 3;
const NAME = "discriminator/parameters";

const settingsOf = (objective: object) =>
  paperSettings({
    data: { resolution: 32 },
    generator: { architecture: "sngan-resnet", width: 8, latentSize: 4 },
    discriminator: { architecture: "sngan-resnet", width: 8 },
    objective: { loss: "non-saturating", ...objective },
  });

const KINDS = [
  ...SELF_SUPERVISIONS.map((selfSupervision) => ({ selfSupervision })),
  ...AUXILIARY_NAMES.map((name) => ({
    auxiliary: `${name}:${AUXILIARY_LOSSES[name].description.published}`,
  })),
];

it.each(KINDS)(
  "%o: shown in every view, images need no chance; parameters and buffers are all of them",
  (objective) => {
    const settings = settingsOf(objective);
    const { program, layout } = layerGradients(settings, engine.target, COUNT)!;
    expect(layout).toEqual(networkLayout(settings).discriminator);
    expect(program.feeds.map(({ name }) => name).filter((name) => name !== "beta")).toEqual(["real", "fake"]);
    expect(program.writes).toEqual([]);
  },
);

it.each([{ selfSupervision: "rotation" }, { selfSupervision: "rotation-ms" }, { loss: "relativistic" }])(
  "%o: the slope along a random direction",
  async (objective) => {
    const settings = settingsOf(objective);
    const { program } = layerGradients(settings, engine.target, COUNT)!;
    const stream = randomStream(2, "gradient test");
    const pixels = () => Uint8Array.from({ length: COUNT * 32 * 32 * 3 }, () => stream.integer(256));
    const feeds = {
      ...{ real: pixels(), fake: pixels() },
      ...(program.feeds.some(({ name }) => name === "beta") && { beta: Float32Array.of(0.7) }),
    };
    const state = initialState(settings, 5);
    const executable = await engine.compile(program);
    const at = async (parameters: Float32Array) => {
      await engine.writeState({ ...state, [NAME]: parameters });
      return executable.run(feeds);
    };
    const parameters = state[NAME]!;
    const { gradient } = await at(parameters);
    const direction = Float64Array.from(
      parameters,
      (_, i) => Number(gradient![i]) * (0.5 + stream.uniform()),
    );
    const length = Math.hypot(...direction);
    const moved = (by: number) => parameters.map((value, i) => value + (by * direction[i]!) / length);
    const reach = 2e-3;
    const [up, down] = [await at(moved(reach)), await at(moved(-reach))];
    const measured = (Number(up.loss![0]) - Number(down.loss![0])) / (2 * reach);
    const expected = direction.reduce((sum, d, i) => sum + (d * Number(gradient![i])) / length, 0);
    expect(expected).toBeGreaterThan(0);
    expect(measured / expected).toBeCloseTo(1, 1);
    await executable.release();
  },
);

it("there is none for a discriminator that is told classes", () => {
  const settings = paperSettings({
    data: { classes: 3 },
    discriminator: { conditioning: "projection" },
  });
  expect(layerGradients(settings, engine.target)).toBeUndefined();
});

/**
 * The quick probe: it says what it did, finds what there is to find, and leaves the discriminator
 * alone.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { buildSteps } from "../../objectives/build.ts";
import { stateNames } from "../../training/loop/loop.ts";
import { smallSettings } from "../testing/small-network.ts";
import { stripedStore } from "../testing/striped.ts";
import { buildFeatures } from "./features.ts";
import { QUICK_FEATURES, quickProbe } from "./quick.ts";

const settings = smallSettings;
const data = { train: stripedStore(3, 60, 1), test: stripedStore(3, 30, 2) };
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

it("tells classes of different colors by any block, the same way every time, and changes no state", async () => {
  const steps = buildSteps(settings, engine.target);
  await engine.writeState(steps.initialState(1));
  const before = await engine.readState(stateNames(steps));
  const program = buildFeatures(settings, engine.target, QUICK_FEATURES);
  const event = await quickProbe(engine, program, data, 7);
  expect(event).toMatchObject({
    kind: "probe",
    step: 7,
    protocol: { name: "quick", epochs: 20, batchSize: 180, seeds: [1] },
    train: { hash: data.train.hash, count: 180, of: 180 },
    test: { hash: data.test.hash, count: 90, of: 90 },
    classes: 3,
  });
  expect(Object.keys(event.accuracies)).toEqual(["block1", "block2", "block3"]);
  expect(event.accuracies[event.best]).toBe(Math.max(...Object.values(event.accuracies)));
  expect(event.accuracies[event.best]).toBeGreaterThan(0.7);
  expect(await quickProbe(engine, program, data, 7)).toEqual(event);
  expect(await engine.readState(stateNames(steps))).toEqual(before);
});

it("ends with the reason of its signal", async () => {
  const reason = new Error("stop");
  const program = buildFeatures(settings, engine.target, QUICK_FEATURES);
  await expect(quickProbe(engine, program, data, 1, AbortSignal.abort(reason))).rejects.toBe(reason);
});

/** Flat state to named tensors and back. */
import { describe, expect, it } from "vitest";
import { stateNames } from "../../loop/loop.ts";
import { fakeSteps } from "../../testing/fake.ts";
import { assembleState, nameState } from "./weights.ts";

const steps = fakeSteps();
const state = steps.initialState(1);

describe("naming the state", () => {
  it("names parameters, buffers and averages, and keeps the rest flat", () => {
    const { weights, rest } = nameState(state, steps.layout);
    expect([...weights.keys()].sort()).toEqual([
      "discriminator/block1/bias",
      "discriminator/block1/kernel",
      "discriminator/block1/u",
      "ema/generator/linear/bias",
      "ema/generator/linear/kernel",
      "generator/linear/bias",
      "generator/linear/kernel",
      "generator/norm/mean",
    ]);
    expect(weights.get("generator/linear/kernel")).toEqual({
      shape: [2, 2],
      data: state["generator/parameters"]!.slice(0, 4),
    });
    expect([...rest.keys()].sort()).toEqual([
      "discriminator/adam/m",
      "discriminator/adam/v",
      "generator/adam/m",
      "generator/adam/v",
    ]);
  });

  it("gives back the very same state", () => {
    expect(assembleState(nameState(state, steps.layout), stateNames(steps), steps.layout, "x")).toEqual(
      state,
    );
  });

  it("refuses a layout that leaves a part of the vector out, as it would be lost", () => {
    const { generator, discriminator } = steps.layout;
    const short = {
      discriminator,
      generator: { ...generator, parameters: generator.parameters.slice(0, 1) },
    };
    expect(() => nameState(state, short)).toThrow("generator/parameters: 6 numbers, the layout names 4");
  });

  it("names the first tensor that does not fit other networks", () => {
    const { generator, discriminator } = steps.layout;
    const [kernel, bias] = generator.parameters;
    const wider = {
      discriminator,
      generator: { ...generator, parameters: [{ ...kernel!, shape: [4, 1] }, bias!] },
    };
    const named = nameState(state, steps.layout);
    expect(() => assembleState(named, stateNames(steps), wider, "checkpoints/0000004")).toThrow(
      "checkpoints/0000004 does not fit this configuration: generator/linear/kernel is [2, 2] there and [4, 1] here.",
    );
    const renamed = {
      discriminator,
      generator: { ...generator, buffers: [{ ...generator.buffers[0]!, name: "new" }] },
    };
    expect(() => assembleState(named, stateNames(steps), renamed, "x")).toThrow("it has no tensor new");
  });
});

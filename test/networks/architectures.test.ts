/**
 * Every architecture under every conditioning against an independent PyTorch program
 * (test/goldens/steps.py, counts.py): forward values, one update of each network, and the number of
 * parameters at full width.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { input, STANDARD_TARGET, sizeOf } from "../../src/graph/index.ts";
import type { DiscriminatorArchitecture } from "../../src/models/model.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../../src/models/registry.ts";
import { type NetworkTrace, traceNetwork } from "../../src/nn/scope.ts";
import { compareForward } from "../support/compare-forward.ts";
import { compareSteps } from "../support/compare-steps.ts";
import { readStepGoldens } from "../support/step-goldens.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 2 });
});
afterAll(() => engine.close());

const ARCHITECTURES = Object.keys(GENERATORS) as GeneratorName[];

describe.each(ARCHITECTURES)("%s", (architecture) => {
  const goldens = readStepGoldens(architecture);
  describe("both updates equal PyTorch's", () => {
    // In the blocked layout where the engine's probe finds that it works; one of them also in plain ONNX.
    for (const golden of goldens.cases)
      it(golden.name, () => compareSteps(golden, goldens, engine, engine.target));
    const [plain] = goldens.cases;
    it(`${plain!.name}, standard operators`, () => compareSteps(plain!, goldens, engine, STANDARD_TARGET));
  });
  describe("images, features and logits equal PyTorch's", () => {
    for (const golden of goldens.cases.filter(({ forward }) => Object.keys(forward).length > 0))
      it(golden.name, () => compareForward(golden, STANDARD_TARGET));
  });
});

interface CountRow {
  readonly network: "G" | "D";
  readonly architecture: GeneratorName;
  readonly resolution: number;
  readonly width: number;
  /** The generator's norm; the discriminator's head or norm. */
  readonly option:
    | "none"
    | "batch"
    | "self-modulated"
    | "conditional"
    | ""
    | "rotation"
    | "layer"
    | "projection";
  readonly classes: number;
  readonly parameters: number;
}

describe("parameters at full width", () => {
  const { latentSize, rows } = JSON.parse(
    readFileSync(new URL("../goldens/counts.json", import.meta.url), "utf8"),
  ) as { latentSize: number; rows: CountRow[] };
  const count = ({ parameters }: NetworkTrace): number =>
    parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

  it.each(rows)("$network $architecture $resolution $option $classes: $parameters", (row) => {
    const { architecture, resolution, width, option } = row;
    const trace = traceNetwork(row.network === "G" ? "generator" : "discriminator", true);
    const classes = row.classes > 0 ? input("classes", [2, row.classes]) : undefined;
    if (row.network === "G") {
      const z = input("z", [2, latentSize]);
      const norm = option as "none" | "batch" | "self-modulated" | "conditional";
      const options = { resolution, width, norm, spectralNorm: false, hierarchicalLatent: false };
      GENERATORS[architecture].build(trace.scope, { z, classes }, options);
    } else {
      const network: DiscriminatorArchitecture = DISCRIMINATORS[architecture];
      const options = { width, norm: option === "layer" ? "layer" : "none", spectralNorm: false } as const;
      const images = input("images", [2, 3, resolution, resolution]);
      const features = network.features(trace.scope, images, options);
      const { pooled } = features;
      if (network.patches) network.patches(trace.scope.child("patches"), features, options);
      else network.head(trace.scope.child("finalFc"), pooled, 1, options);
      if (option === "rotation" || option === "layer")
        network.head(trace.scope.child("rotation"), pooled, 4, options);
      if (classes) network.projection(trace.scope.child("projection"), pooled, classes, options);
    }
    expect(count(trace)).toBe(row.parameters);
  });
});

/**
 * Every loss, penalty, pretext task and augmentation against an independent PyTorch program
 * (test/goldens/steps.py): one update of each network, second derivatives included.
 */
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { STANDARD_TARGET } from "../../src/graph/index.ts";
import { compareSteps } from "../support/compare-steps.ts";
import { readStepGoldens } from "../support/step-goldens.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 2 });
});
afterAll(() => engine.close());

const goldens = readStepGoldens("objectives");
const family = readStepGoldens("family");
const dagan = readStepGoldens("dagan");
const auxiliary = readStepGoldens("auxiliary");
const reconstruction = readStepGoldens("reconstruction");
const adaptive = readStepGoldens("adaptive");
const attention = readStepGoldens("attention");
const s3gan = readStepGoldens("s3gan");

describe("both updates of the successors of SS-GAN equal PyTorch's", () => {
  for (const golden of family.cases)
    it(golden.name, () => compareSteps(golden, family, engine, { ...engine.target, block: 0 }));
});

describe("both updates with self-attention equal PyTorch's", () => {
  for (const golden of attention.cases)
    it(golden.name, () => compareSteps(golden, attention, engine, engine.target));
});

describe("both updates of S3GAN, with images without a label, equal PyTorch's", () => {
  for (const golden of s3gan.cases)
    it(golden.name, () => compareSteps(golden, s3gan, engine, { ...engine.target, block: 0 }));
});

describe("both updates with the adversarial loss in every turn equal PyTorch's", () => {
  for (const golden of dagan.cases)
    it(golden.name, () => compareSteps(golden, dagan, engine, { ...engine.target, block: 0 }));
});

describe("both updates with an adaptive augmentation equal PyTorch's", () => {
  for (const golden of adaptive.cases)
    it(golden.name, () => compareSteps(golden, adaptive, engine, { ...engine.target, block: 0 }));
});

describe("both updates with reconstruction equal PyTorch's", () => {
  for (const golden of reconstruction.cases)
    it(golden.name, () => compareSteps(golden, reconstruction, engine, { ...engine.target, block: 0 }));
});

describe("both updates with auxiliary losses equal PyTorch's", () => {
  for (const golden of auxiliary.cases)
    it(golden.name, () => compareSteps(golden, auxiliary, engine, { ...engine.target, block: 0 }));
});

describe("both updates equal PyTorch's", () => {
  for (const golden of goldens.cases)
    it(golden.name, () => compareSteps(golden, goldens, engine, { ...engine.target, block: 0 }));
  const standard = goldens.cases.filter(({ name }) => name.startsWith("least-squares"));
  for (const golden of standard)
    it(`${golden.name}, standard operators`, () => compareSteps(golden, goldens, engine, STANDARD_TARGET));
});

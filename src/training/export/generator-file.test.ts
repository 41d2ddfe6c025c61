import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type OnnxModel, writeModel } from "../../graph/onnx/model.ts";
import { readGeneratorFile } from "./generator-file.ts";

const file = (changes: Partial<OnnxModel> = {}): Uint8Array =>
  writeModel({
    name: "generator",
    nodes: [],
    initializers: [],
    inputs: [{ name: "z", dtype: "float32", shape: ["batch", 128] }],
    outputs: [{ name: "images", dtype: "uint8", shape: ["batch", 3, 32, 32] }],
    domains: {},
    metadata: { name: "emoji-32", latentDistribution: "uniform", step: "4000" },
    ...changes,
  });
const labels = { name: "labels", dtype: "int64" as const, shape: ["batch"] };
const z = { name: "z", dtype: "float32" as const, shape: ["batch", 128] };

const refusal = (bytes: Uint8Array): UserError => {
  try {
    readGeneratorFile(bytes, "g.onnx");
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("accepted");
};

describe("generator files", () => {
  it("say what they need", () => {
    expect(readGeneratorFile(file(), "g.onnx")).toEqual({
      name: "emoji-32",
      latentSize: 128,
      latentDistribution: "uniform",
      resolution: 32,
      classes: 0,
      classNames: undefined,
      step: 4000,
    });
    expect(readGeneratorFile(file({ metadata: {} }), "g.onnx")).toMatchObject({
      name: "g.onnx",
      latentDistribution: "normal",
      step: undefined,
    });
  });

  it("with classes have names for them, or numbers", () => {
    const conditional = (metadata: Record<string, string>) => file({ inputs: [z, labels], metadata });
    const named = conditional({ classes: "2", classNames: '["cat","dog"]' });
    expect(readGeneratorFile(named, "g.onnx")).toMatchObject({ classes: 2, classNames: ["cat", "dog"] });
    for (const classNames of ["[", '["cat"]', "7"])
      expect(
        readGeneratorFile(conditional({ classes: "2", classNames }), "g.onnx").classNames,
      ).toBeUndefined();
    expect(refusal(conditional({})).message).toContain("how many classes");
  });

  it.each([
    ["another input", { inputs: [{ ...z, name: "x" }] }, "takes x float32 [batch, 128]"],
    ["one input too many", { inputs: [z, { ...z, name: "noise" }] }, "noise"],
    [
      "images of floats",
      { outputs: [{ name: "images", dtype: "float32", shape: ["batch", 3, 32, 32] }] },
      "uint8",
    ],
    [
      "oblong images",
      { outputs: [{ name: "images", dtype: "uint8", shape: ["batch", 3, 32, 48] }] },
      "[batch, 3, 32, 48]",
    ],
    ["no output", { outputs: [] }, "gives nothing"],
  ] satisfies [string, Partial<OnnxModel>, string][])("are not models with %s", (_, changes, said) => {
    const { message, hint } = refusal(file(changes));
    expect(message).toContain("not a generator");
    expect(message).toContain(said);
    expect(hint).toContain("generator.onnx");
  });

  it("are told from discriminators", () => {
    const outputs = [{ name: "score", dtype: "float32" as const, shape: ["batch"] }];
    expect(refusal(file({ outputs })).hint).toContain("discriminator");
  });
});

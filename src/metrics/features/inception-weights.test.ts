import { beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { inceptionWeights } from "./inception-weights.ts";
import { formulaWeights } from "./testing/formula-weights.ts";
import type { TorchTensor } from "./torch/tensors.ts";

let whole: ReadonlyMap<string, TorchTensor>;
beforeAll(() => {
  whole = formulaWeights("inception");
});

/** The state dict with some tensors changed; undefined takes one out. */
const changed = (changes: Record<string, Partial<TorchTensor> | undefined>): Map<string, TorchTensor> => {
  const tensors = new Map(whole);
  for (const [name, change] of Object.entries(changes)) {
    if (change)
      tensors.set(name, {
        type: "float32",
        shape: [1],
        data: new Float32Array(1),
        ...tensors.get(name),
        ...change,
      });
    else tensors.delete(name);
  }
  return tensors;
};

const refusal = (
  tensors: ReadonlyMap<string, TorchTensor>,
  name: "inception" | "torchvision-inception" = "inception",
): string => {
  try {
    inceptionWeights(tensors, name, "some.pth");
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return `${(error as UserError).message} ${(error as UserError).hint}`;
  }
  throw new Error("nothing was refused");
};

describe("a state dict for Inception", () => {
  it("has 94 convolutions with their normalizations, and a classifier", () => {
    expect(whole.size).toBe(94 * 5 + 2);
    const weights = inceptionWeights(whole, "inception", "some.pth");
    expect(weights.get("inception/Mixed_6c/branch7x7dbl_4/kernel")).toBe(
      whole.get("Mixed_6c.branch7x7dbl_4.conv.weight")!.data,
    );
    expect(weights.get("inception/Conv2d_1a_3x3/norm/variance")).toBe(
      whole.get("Conv2d_1a_3x3.bn.running_var")!.data,
    );
    expect(weights.get("inception/fc/bias")).toBe(whole.get("fc.bias")!.data);
  });

  it("may have what only training needs", () => {
    const extra = changed({
      "AuxLogits.conv0.conv.weight": {},
      "Mixed_7c.branch_pool.bn.num_batches_tracked": { type: "int64", shape: [], data: new BigInt64Array(1) },
    });
    expect(inceptionWeights(extra, "inception", "some.pth").size).toBe(whole.size);
  });

  it("is refused when it is another network's", () => {
    expect(
      refusal(new Map([["layer1.0.weight", { type: "float32", shape: [1], data: new Float32Array(1) }]])),
    ).toMatch(/some\.pth holds another network: layer1\.0\.weight/);
    expect(refusal(whole, "torchvision-inception")).toMatch(
      /has 1008 classes, so it is not torchvision-inception[\s\S]*features add inception/,
    );
    expect(refusal(changed({ "conv.weight": {}, "\u001b[31m": {} }))).toMatch(
      /tensors that Inception does not have: conv\.weight, "\\u001b\[31m"\./,
    );
  });

  it("is refused when tensors are missing, of another shape or type", () => {
    expect(refusal(changed({ "fc.bias": undefined }))).toContain("some.pth lacks 1 of 472 tensors: fc.bias.");
    expect(
      refusal(
        changed({ "Conv2d_1a_3x3.conv.weight": { shape: [32, 1, 3, 3], data: new Float32Array(288) } }),
      ),
    ).toContain("Conv2d_1a_3x3.conv.weight has the shape [32, 1, 3, 3], where [32, 3, 3, 3] belongs");
    expect(refusal(changed({ "fc.bias": { type: "int64", data: new BigInt64Array(1008) } }))).toContain(
      "fc.bias is int64, which is no floating-point type",
    );
  });

  it("is refused when it holds what is not a number, or a negative variance", () => {
    const data = new Float32Array(1008);
    data[7] = Number.NaN;
    expect(refusal(changed({ "fc.bias": { data } }))).toContain("fc.bias has the value NaN at place 7");
    const variance = new Float32Array(32).fill(-1);
    expect(refusal(changed({ "Conv2d_1a_3x3.bn.running_var": { data: variance } }))).toContain(
      "negative values",
    );
  });
});

/** Small programs the engine's tests run. */
import type { Program } from "../../graph/program.ts";
import { float, program } from "./onnx.ts";

/** w ← w + x; results: the new sum of w (a scalar) and the old w. `size` elements. */
export function accumulate(size: number): Program {
  return program(
    "accumulate",
    [
      { op: "Add", inputs: ["feed:x", "state:w"], outputs: ["write:w"] },
      { op: "Identity", inputs: ["state:w"], outputs: ["result:old"] },
      { op: "ReduceSum", inputs: ["write:w"], outputs: ["result:sum"], attributes: { keepdims: 0 } },
    ],
    {
      feeds: [float("x", size)],
      reads: [float("w", size)],
      writes: [float("w", size)],
      results: [float("old", size), float("sum")],
    },
  );
}

/** As `accumulate(4)`, but fails at run time when `index` is not in 0…3. */
export const fragile: Program = program(
  "fragile",
  [
    { op: "Add", inputs: ["feed:x", "state:w"], outputs: ["write:w"] },
    { op: "Gather", inputs: ["write:w", "feed:index"], outputs: ["result:picked"] },
  ],
  {
    feeds: [float("x", 4), { name: "index", dtype: "int64", shape: [] }],
    reads: [float("w", 4)],
    writes: [float("w", 4)],
    results: [float("picked")],
  },
);

/** Wants a matrix of 64 TB. */
export const enormous: Program = program(
  "enormous",
  [
    { op: "MatMul", inputs: ["feed:column", "feed:row"], outputs: ["outer"] },
    { op: "ReduceSum", inputs: ["outer"], outputs: ["result:sum"], attributes: { keepdims: 0 } },
  ],
  {
    feeds: [float("column", 4_000_000, 1), float("row", 1, 4_000_000)],
    results: [float("sum")],
  },
);

/**
 * A convolution, a matrix product and a running state: enough arithmetic for the order of sums to
 * matter.
 */
export const network: Program = program(
  "network",
  [
    {
      op: "Conv",
      inputs: ["feed:x", "state:kernel"],
      outputs: ["c"],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
    { op: "Relu", inputs: ["c"], outputs: ["r"] },
    { op: "Flatten", inputs: ["r"], outputs: ["flat"], attributes: { axis: 1 } },
    { op: "MatMul", inputs: ["flat", "state:matrix"], outputs: ["result:y"] },
    { op: "ReduceMean", inputs: ["result:y"], outputs: ["mean"], attributes: { keepdims: 0 } },
    { op: "Mul", inputs: ["state:kernel", "mean"], outputs: ["write:kernel"] },
  ],
  {
    feeds: [float("x", 8, 3, 16, 16)],
    reads: [float("kernel", 32, 3, 3, 3), float("matrix", 32 * 256, 16)],
    writes: [float("kernel", 32, 3, 3, 3)],
    results: [float("y", 8, 16)],
  },
);

/** `count` products of [size, size] matrices in a row: keeps a thread busy for a while. */
export function slow(size: number, count: number): Program {
  const steps = Array.from({ length: count }, (_, i) => ({
    op: "MatMul",
    inputs: ["feed:a", i === 0 ? "feed:a" : `t${i}`],
    outputs: [i === count - 1 ? "result:y" : `t${i + 1}`],
  }));
  return program("slow", steps, { feeds: [float("a", size, size)], results: [float("y", size, size)] });
}

/** Element types other than float32: not flag, 2·count, pixel itself. */
export const mixed: Program = program(
  "mixed",
  [
    { op: "Not", inputs: ["feed:flag"], outputs: ["result:flag"] },
    { op: "Add", inputs: ["feed:count", "feed:count"], outputs: ["result:count"] },
    { op: "Identity", inputs: ["feed:pixel"], outputs: ["result:pixel"] },
  ],
  {
    feeds: [
      { name: "flag", dtype: "bool", shape: [2] },
      { name: "count", dtype: "int64", shape: [2] },
      { name: "pixel", dtype: "uint8", shape: [3] },
    ],
    results: [
      { name: "flag", dtype: "bool", shape: [2] },
      { name: "count", dtype: "int64", shape: [2] },
      { name: "pixel", dtype: "uint8", shape: [3] },
    ],
  },
);

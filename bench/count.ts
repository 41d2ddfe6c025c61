/**
 * `npm run bench -- --count webgpu`: what a training step asks of a graphics card, counted on the
 * graphs that its engine is given and not measured. Every ONNX operator that a node is lowered to
 * is a call of the driver at least. Bytes are those of a node's inputs and of its result, each
 * moved once; what a lowering keeps for itself comes on top, so both are lower bounds.
 */

import { type Target, type Tensor, topologicalOrder, WEBGPU_TARGET } from "../src/graph/index.ts";
import { lowerData } from "../src/graph/lower.ts";
import { buildSteps } from "../src/objectives/build.ts";
import type { StepSettings } from "../src/objectives/settings.ts";
import { multiplyAdds } from "./arithmetic.ts";

/** What all nodes of one primitive ask for. */
export interface PrimitiveCount {
  readonly primitive: string;
  /** ONNX operators. */
  readonly calls: number;
  /** Millions of bytes moved. */
  readonly megabytes: number;
  /** Billions of floating-point operations of convolutions and matrix products. */
  readonly gflop: number;
}

/** The same values under another shape or name. */
const VIEWS: ReadonlySet<string> = new Set(["reshape", "stopGradient"]);
const BYTES = { float32: 4, int64: 8, uint8: 1, bool: 1 } as const;

const bytesOf = ({ shape, dtype }: Pick<Tensor, "shape" | "dtype">): number =>
  shape.reduce((product, n) => product * n, 1) * BYTES[dtype];

/**
 * Count one training step (a D update and a G update).
 * @returns a row for each primitive, those that move most first
 */
export function countStep(settings: StepSettings): PrimitiveCount[] {
  const moved = new Map<string, { bytes: number; work: number }>();
  const target: Target = {
    ...WEBGPU_TARGET,
    inspect: (stage, graph, outputs) => {
      if (stage !== "optimized" || !/^(discriminator|generator)Step$/.test(graph.name)) return;
      for (const node of topologicalOrder(Object.values(outputs))) {
        // Inputs and constants are there already; a view moves nothing.
        if (node.inputs.length === 0 || VIEWS.has(node.primitive.name)) continue;
        const entry = moved.get(node.primitive.name) ?? { bytes: 0, work: 0 };
        // A slice reads what it gives, however long its input is.
        const read = node.primitive.name === "slice" ? [node] : node.inputs;
        entry.bytes += bytesOf(node) + read.reduce((sum, input) => sum + bytesOf(input), 0);
        entry.work += 2 * multiplyAdds(node);
        moved.set(node.primitive.name, entry);
      }
    },
  };
  const { discriminatorStep, generatorStep } = buildSteps(settings, target);
  const calls = new Map<string, number>();
  for (const { name, code } of [discriminatorStep, generatorStep]) {
    if (code.format !== "graph") throw new Error(`${name} is no graph any more`);
    for (const node of lowerData(name, code.graph, "webgpu").nodes) {
      // `place/PRIMITIVE/Operator_number`
      const primitive = node.name.split("/").at(-2)!;
      calls.set(primitive, (calls.get(primitive) ?? 0) + 1);
    }
  }
  return [...new Set([...moved.keys(), ...calls.keys()])]
    .map((primitive) => ({
      primitive,
      calls: calls.get(primitive) ?? 0,
      megabytes: (moved.get(primitive)?.bytes ?? 0) / 1e6,
      gflop: (moved.get(primitive)?.work ?? 0) / 1e9,
    }))
    .sort((a, b) => b.megabytes - a.megabytes);
}

/** The table of a step for people: totals, and the rows that move most or call most. */
export function countLines(title: string, rows: readonly PrimitiveCount[]): string[] {
  const total = (key: "calls" | "megabytes" | "gflop"): number =>
    rows.reduce((sum, row) => sum + row[key], 0);
  const line = (name: string, calls: number, megabytes: number, gflop: number): string =>
    `  ${name.padEnd(16)} ${String(calls).padStart(6)} ${megabytes.toFixed(1).padStart(10)} ${gflop.toFixed(2).padStart(9)}`;
  const [calls, megabytes, gflop] = [total("calls"), total("megabytes"), total("gflop")];
  const shown = rows.filter((row) => row.megabytes >= 0.005 * megabytes || row.calls >= 0.02 * calls);
  return [
    `${title}: counted, not measured`,
    `  ${"primitive".padEnd(16)} ${"calls".padStart(6)} ${"MB moved".padStart(10)} ${"GFLOP".padStart(9)}`,
    ...shown.map((row) => line(row.primitive, row.calls, row.megabytes, row.gflop)),
    line("all", calls, megabytes, gflop),
    `  ${(gflop / (megabytes / 1000)).toFixed(1)} operations a byte`,
  ];
}

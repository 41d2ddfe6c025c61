/**
 * Prints a program of a configuration, node by node (docs/debugging.md):
 *
 *     npx tsx scripts/print-graph.ts [PROGRAM] [--preset NAME] [--set PATH=VALUE]… [--traced] [--count]
 */
import { parseArgs } from "node:util";
import { type GraphDefinition, STANDARD_TARGET } from "../src/graph/compile.ts";
import type { Outputs } from "../src/graph/rewrite/rewrite.ts";
import { originOf, type Tensor, topologicalOrder } from "../src/graph/tensor.ts";
import { buildSteps } from "../src/objectives/build.ts";
import { loadPreset } from "../src/training/config/presets.node.ts";
import { resolveConfig } from "../src/training/config/resolve.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    traced: { type: "boolean", default: false },
    count: { type: "boolean", default: false },
  },
});
const { config } = resolveConfig({ preset: loadPreset(values.preset), sets: values.set, flags: [] });
const stage = values.traced ? "traced" : "optimized";
const graphs = new Map<string, Outputs>();
const keep = (graph: GraphDefinition, outputs: Outputs): void => void graphs.set(graph.name, outputs);
const steps = buildSteps(config, {
  ...STANDARD_TARGET,
  inspect: (at, graph, outputs) => at === stage && keep(graph, outputs),
});
const name = positionals[0] ?? steps.discriminatorStep.name;
const outputs = graphs.get(name);
if (!outputs) {
  console.error(`There is no program "${name}". There are: ${[...graphs.keys()].join(", ")}.`);
  process.exit(2);
}

const nodes = topologicalOrder(Object.values(outputs));
if (values.count) {
  const counts = new Map<string, number>();
  for (const { primitive } of nodes) counts.set(primitive.name, (counts.get(primitive.name) ?? 0) + 1);
  for (const [operation, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(6)}  ${operation}`);
} else {
  const numbers = new Map<Tensor, number>(nodes.map((node, i) => [node, i]));
  for (const [i, node] of nodes.entries()) {
    const operands = node.inputs.map((input) => `#${numbers.get(input)}`).join(", ");
    const what = `${node.primitive.name}(${operands})`;
    console.log(
      `#${i}`.padEnd(7),
      what.padEnd(34),
      `${node.dtype} [${node.shape.join(", ")}]`.padEnd(30),
      originOf(node),
    );
  }
  for (const [result, node] of Object.entries(outputs)) console.log(`${result} = #${numbers.get(node)}`);
}

/**
 * Counts the arithmetic of a training step on our own graph: the multiply-adds of its convolutions
 * and matrix products, as 2 operations each. Everything else (normalization, activations,
 * resampling, Adam) is not counted, as is usual. Taps that fall on padding are.
 */
import { type Outputs, type Target, type Tensor, topologicalOrder } from "../src/graph/index.ts";
import { buildSteps } from "../src/objectives/build.ts";
import type { StepSettings } from "../src/objectives/settings.ts";
import type { Steps } from "../src/objectives/steps.ts";

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Multiply-adds of one node; 0 for everything but convolutions and matrix products. */
export function multiplyAdds(node: Tensor): number {
  const [a, b] = node.inputs;
  switch (node.primitive.name) {
    case "conv2d":
    case "groupedConv2d":
      // Each of N·O·H'·W' results sums C·kh·kw products.
      return size(node.shape) * size(b!.shape.slice(1));
    case "convInput":
    case "groupedConvInput":
      // Each of N·O·H'·W' values is spread over C·kh·kw places.
      return size(a!.shape) * size(b!.shape.slice(1));
    case "convWeight":
    case "groupedConvWeight":
      // Each of O·C·kh·kw results sums N·H'·W' products: the gradient [N, O, H', W'] times C·kh·kw.
      return size(b!.shape) * size(node.shape.slice(1));
    case "matmul":
      return size(node.shape) * (node.attributes.transposeA ? a!.shape.at(-2)! : a!.shape.at(-1)!);
    default:
      return 0;
  }
}

/** Multiply-adds of all nodes that `outputs` need. */
export function countGraph(outputs: Outputs): number {
  return topologicalOrder(Object.values(outputs)).reduce((total, node) => total + multiplyAdds(node), 0);
}

/** Billions of floating-point operations of one training step (a D update and a G update). */
export interface StepArithmetic {
  /** With resampling folded into the kernels, as it is executed. */
  readonly folded: number;
  /** As the networks are written down, and as a plain program computes them. */
  readonly unfolded: number;
}

/** The programs that make up a step; sampling and judging are no part of it. */
const UPDATES: ReadonlySet<string> = new Set([
  "discriminatorStep",
  "generatorStep",
] satisfies (keyof Steps)[]);

/**
 * Count the two updates of `settings`, in the plain layout (the blocked one pads channels with
 * zeros, which is no work of the model).
 */
export function stepArithmetic(settings: StepSettings): StepArithmetic {
  const count = (fold: boolean): number => {
    let total = 0;
    const target: Target = {
      provider: "cpu",
      block: 0,
      rewrites: { fold },
      inspect: (stage, graph, outputs) => {
        if (stage === "optimized" && UPDATES.has(graph.name)) total += countGraph(outputs);
      },
    };
    buildSteps(settings, target);
    return (2 * total) / 1e9;
  };
  return { folded: count(true), unfolded: count(false) };
}

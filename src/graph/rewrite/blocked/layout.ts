/**
 * Moves feature maps into the blocked layout of ONNX Runtime's direct convolutions
 * (operations/blocked.ts) and keeps them there: a convolution makes packed maps; elementwise
 * operators stay packed, as they do not care; per-channel scales and shifts become depthwise 1 × 1
 * convolutions with fused ReLU; sums over space become pooling; residual sums and ReLUs go into the
 * convolution before them. An operator without a rule gets its operands unpacked.
 */
import { type Tensor, topologicalOrder, withOriginOf } from "../../tensor.ts";
import { type Outputs, withInputs } from "../rewrite.ts";
import { convolve, convolveBack } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { type FeatureMaps, type LayoutRule, plainOf } from "./maps.ts";
import { alongBatch, bilinear, bilinearAdjoint, pool, repeat, sums } from "./space.ts";
import { convolveWeight } from "./weight-gradient.ts";

const ELEMENTWISE =
  "neg exp log sqrt tanh sigmoid relu leakyRelu abs positive stopGradient add sub mul div maximum minimum".split(
    " ",
  );

/** What to do with each operator. */
const RULES: ReadonlyMap<string, LayoutRule> = new Map<string, LayoutRule>([
  ["conv2d", convolve],
  ["convInput", convolveBack],
  ["convWeight", convolveWeight],
  ["sum", sums],
  ["concat", alongBatch],
  ["slice", alongBatch],
  ["sumPool", pool],
  ["upsampleNearest", repeat],
  ["upsampleBilinear", bilinear],
  ["upsampleBilinearAdjoint", bilinearAdjoint],
  ...ELEMENTWISE.map((name) => [name, elementwise] as const),
]);

/**
 * Rewrite for blocks of `block` channels; `directWeights`: weight gradients as direct convolutions
 * where they can be.
 */
export function blockLayout(
  outputs: Outputs,
  block: number,
  { directWeights }: Pick<FeatureMaps, "directWeights">,
): Record<string, Tensor> {
  const order = topologicalOrder(Object.values(outputs));
  const uses = new Map<Tensor, number>();
  for (const node of [...order.flatMap((n) => n.inputs), ...Object.values(outputs)])
    uses.set(node, (uses.get(node) ?? 0) + 1);

  const maps: FeatureMaps = { block, directWeights, plain: new Map(), packed: new Map(), uses };
  for (const node of order) {
    withOriginOf(node, () => {
      const packed = RULES.get(node.primitive.name)?.(maps, node);
      if (packed) maps.packed.set(node, packed);
      else if (!maps.plain.has(node))
        maps.plain.set(
          node,
          withInputs(
            node,
            node.inputs.map((t) => plainOf(maps, t)),
          ),
        );
    });
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, plainOf(maps, node)]));
}

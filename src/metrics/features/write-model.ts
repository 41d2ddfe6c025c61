/** A feature network with its weights as one ONNX file, as any program can run it. */
import type { Engine } from "../../engine/engine.ts";
import { constant, input, type Outputs, substitute, type Tensor } from "../../graph/index.ts";
import { writeStandalone } from "../../graph/standalone.ts";
import { type Owned, type Scope, traceNetwork } from "../../nn/scope.ts";
import { evaluateOn } from "../../objectives/programs/export.ts";
import type { Classified } from "./resnet20.ts";

/** What to write. */
export interface FeatureModel {
  /** Of the network; its tensors are named `NAME/…`. */
  readonly name: string;
  /** Side of the images in pixels. */
  readonly side: number;
  /** Images [N, 3, S, S], gray levels 0…255 as float32 → features and logits. */
  readonly network: (scope: Scope, images: Tensor) => Classified;
  /** The values of one of its tensors, of the length its shape asks for. */
  readonly weights: (owned: Owned) => Float32Array;
  /** Key/value pairs that readers of the model show. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The model's bytes: `images` float32 [batch, 3, S, S], RGB, 0…255 → `features` [batch, F] and
 * `logits` [batch, K], any batch size. Normalizations are folded into the convolutions before them.
 * @param engine computes what follows from the weights alone
 */
export async function writeFeatureModel(
  { name, side, network, weights, metadata }: FeatureModel,
  engine: Pick<Engine, "compile">,
): Promise<Uint8Array> {
  const build = (batch: number) => {
    const trace = traceNetwork(name, false);
    const images = input("images", [batch, 3, side, side]);
    const { features, logits } = network(trace.scope, images);
    const bound = new Map(
      [...trace.parameters, ...trace.buffers].map((owned) => [
        owned.leaf,
        constant(weights(owned), owned.shape, owned.name),
      ]),
    );
    return { inputs: { images }, outputs: substitute({ features, logits } satisfies Outputs, bound) };
  };
  const evaluate = (tensors: Outputs) => evaluateOn(engine, tensors);
  return writeStandalone({ name, build, evaluate, metadata });
}

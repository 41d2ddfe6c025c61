/**
 * The trained feature network as ONNX: normalizations folded into the convolutions, weights inside.
 */
import type { Engine } from "../../src/engine/engine.ts";
import { sizeOf } from "../../src/graph/index.ts";
import { resnet20 } from "../../src/metrics/features/resnet20.ts";
import { writeFeatureModel } from "../../src/metrics/features/write-model.ts";
import { layouts } from "./step.ts";

/** The network in the engine's state. @returns the model's bytes */
export async function exportNetwork(engine: Engine, epochs: number): Promise<Uint8Array> {
  const state = await engine.readState(["parameters", "buffers"]);
  const { parameters, buffers } = layouts();
  const values = new Map(
    [
      { slots: parameters, vector: state.parameters! },
      { slots: buffers, vector: state.buffers! },
    ].flatMap(({ slots, vector }) =>
      slots.map(
        ({ name, shape, offset }) => [name, vector.subarray(offset, offset + sizeOf(shape))] as const,
      ),
    ),
  );
  return writeFeatureModel(
    {
      name: "resnet20",
      side: 32,
      network: resnet20,
      weights: ({ name }) => values.get(name)!,
      metadata: {
        name: "resnet20-cifar10",
        description:
          "ResNet-20 trained on CIFAR-10: images float32 [batch, 3, 32, 32], RGB, 0-255, to features [batch, 64] and logits [batch, 10].",
        trainedOn: "CIFAR-10, 50,000 training images",
        epochs: String(epochs),
        imageRange: "0-255",
        imageChannels: "RGB",
      },
    },
    engine,
  );
}

/**
 * A trained discriminator as one ONNX model: real/fake score, the pretext task's head and what
 * every block sees, for whoever wants to sort images, turn them upright, or build on its features.
 * It takes images in the very layout in which the exported generator gives them.
 */
import type { Engine } from "../../engine/engine.ts";
import { input, type Outputs, reshape, substitute, type Tensor } from "../../graph/index.ts";
import { writeStandalone } from "../../graph/standalone.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { decodePlanes } from "../images.ts";
import type { DiscriminatorProgramSettings } from "../networks.ts";
import { taskOf } from "../pretext/registry.ts";
import { imageRangeOf } from "../steps/step-inputs.ts";
import { applyDiscriminator, poolTo, scoresClasses, taskLogits } from "./discriminator-program.ts";
import { boundConstants, evaluateOn, type NetworkWeights } from "./export.ts";

/** What a model gives out beside its heads. */
export interface DiscriminatorExportOptions {
  /**
   * Also the whole map of each block, `blockN_map` [batch, C, H, W]. They are large: the first of a
   * 32 × 32 network has 32,768 numbers an image.
   */
  readonly maps?: boolean;
}

/**
 * The discriminator in inference mode, its kernels divided by their spectral norms once and for
 * all. `images` uint8 [batch, 3, S, S], RGB, 0…255 (and `labels` int64 [batch] where it judges
 * images as ones of a class) → float32 `score` [batch], the real/fake logit, higher is more real;
 * the answers of the pretext task under its key, logits [batch, K] of its classes, where the
 * network has such a head (of SS-GAN: `rotation`, logits of the turns 0°, 90°, 180°, 270°
 * counterclockwise); `block1`, `block2`, … [batch, C], the mean of each block's map before the next
 * activation; `pooled` [batch, F], what the heads read.
 * @param engine computes what follows from the weights alone; its state is not touched
 * @param metadata key/value pairs that readers of the model show
 * @returns the bytes of the ONNX model
 * @throws Error when a vector has another length than the network
 */
export async function exportDiscriminator(
  settings: DiscriminatorProgramSettings,
  weights: NetworkWeights,
  engine: Pick<Engine, "compile">,
  metadata: Readonly<Record<string, string>>,
  { maps = false }: DiscriminatorExportOptions = {},
): Promise<Uint8Array> {
  const { resolution } = settings.data;
  const build = (batch: number) => {
    const trace = traceNetwork("discriminator", false);
    const images = input("images", [batch, 3, resolution, resolution], "uint8");
    const labels = scoresClasses(settings) ? input("labels", [batch], "int64") : undefined;
    const seen = applyDiscriminator(trace, decodePlanes(images, imageRangeOf(settings)), labels, settings);
    const task = taskOf(settings.objective);
    const answers = taskLogits(seen, task);
    const named = (suffix: string, of: (map: Tensor) => Tensor): [string, Tensor][] =>
      seen.blocks.map((map, i) => [`block${i + 1}${suffix}`, of(map)]);
    const outputs: Outputs = {
      score: reshape(seen.logits, [batch]),
      ...(task && answers && { [task.description.key]: answers }),
      ...Object.fromEntries(named("", (map) => poolTo(map, 1))),
      pooled: seen.pooled,
      ...(maps && Object.fromEntries(named("_map", (map) => map))),
    };
    return {
      inputs: { images, ...(labels && { labels }) },
      outputs: substitute(outputs, boundConstants(trace, weights)),
    };
  };
  const evaluate = (tensors: Outputs) => evaluateOn(engine, tensors);
  return writeStandalone({ name: "discriminator", build, evaluate, metadata });
}

/**
 * `export/weights.safetensors`: the weights of both networks under readable names, to be loaded by
 * anything that reads safetensors. Read back and compared, number by number, before the file gets
 * its name.
 */

import { readFile } from "node:fs/promises";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Slot } from "../../objectives/steps.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "../safetensors.ts";

/** Tensors by name. */
export type NamedTensors = ReadonlyMap<string, NamedTensor>;

/** What a file of weights says of how they lie. */
export const WEIGHTS_LAYOUT = {
  format: "quarterturn-weights",
  layout: "OIHW",
  linear: "[out, in]",
  names:
    "generator/ and discriminator/: latest parameters and buffers (mean, variance: running statistics; u: vector of spectral normalization, its kernel is stored as trained, not divided); ema/generator/: moving average of the generator's parameters; standing/generator/: statistics gathered for evaluation, which generator.onnx then has in the place of the running ones",
} as const;

/** A file of weights that was written and checked. */
export interface ExportedWeights {
  readonly path: string;
  readonly bytes: number;
  readonly tensors: number;
}

/**
 * The weights worth handing over: without the moving average where a run does not average, with
 * standing statistics where it has them.
 * @param weights as a checkpoint names them
 * @param standing the generator's standing statistics, laid out as `buffers`
 */
export function exportableWeights(
  weights: NamedTensors,
  averages: boolean,
  standing: { readonly buffers: readonly Slot[]; readonly values: Float32Array } | undefined,
): NamedTensors {
  const kept = [...weights].filter(([name]) => averages || !name.startsWith("ema/"));
  const gathered = (standing?.buffers ?? []).map(({ name, shape, offset }): [string, NamedTensor] => {
    const length = shape.reduce((a, b) => a * b, 1);
    return [`standing/${name}`, { shape, data: standing!.values.subarray(offset, offset + length) }];
  });
  return new Map([...kept, ...gathered]);
}

/**
 * Write weights as safetensors and read them back.
 * @param path the file; its folder is there
 * @throws UserError when the disk is full or the place not writable, or a weight is NaN or infinite
 * @throws Error when what is read back is not what was written
 */
export async function writeWeights(
  path: string,
  weights: NamedTensors,
  metadata: Readonly<Record<string, string>>,
): Promise<ExportedWeights> {
  for (const [name, { data }] of weights)
    if (data instanceof Float32Array && !data.every(Number.isFinite))
      throw new UserError(
        `${name} holds numbers that are NaN or infinite.`,
        `Export an earlier checkpoint with ${option("step")}.`,
      );
  const bytes = Buffer.concat(encodeSafetensors(weights, { ...WEIGHTS_LAYOUT, ...metadata }));
  await writeFileWhole(path, bytes, async (written) => {
    const { tensors } = decodeSafetensors(new Uint8Array(await readFile(written)), path);
    if (tensors.size !== weights.size)
      throw new Error(`${path}: ${tensors.size} tensors instead of ${weights.size} were read back`);
    for (const [name, { shape, data }] of weights) {
      const back = tensors.get(name);
      if (back?.shape.join() !== shape.join() || !sameBytes(back.data, data))
        throw new Error(`${path}: ${name} was not read back as it was written`);
    }
  });
  return { path, bytes: bytes.length, tensors: weights.size };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NamedTensor["data"]): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const sameBytes = (a: NamedTensor["data"], b: NamedTensor["data"]): boolean => bytesOf(a).equals(bytesOf(b));

/** What was compared after writing, in words. */
export const describeTensors = (tensors: number): string =>
  `${tensors} tensors equal the trainer's, bit for bit`;

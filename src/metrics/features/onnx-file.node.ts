/**
 * Any ONNX file that maps images to vectors, as a feature network: one input [N, 3, S, S] (float32
 * or uint8, RGB, 0…255; whatever normalization there is belongs into the file), first output [N, F]
 * or [N, F, 1, 1] float32. A further output called `logits` [N, C] serves the Inception Score. N
 * and S may be fixed or left open.
 */

import { basename } from "node:path";
import { sha256 } from "../../base/disk/files.node.ts";
import { readRegular } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { availableThreads } from "../../engine/devices/cpu.node.ts";
import { openForeignModel } from "../../engine/foreign/foreign.node.ts";
import { type OnnxFile, openModel, type ShapedTensor } from "../../engine/sessions/model.node.ts";
import type { DeclaredBinding } from "../../graph/onnx/borders.ts";
import type { FeatureNetwork, FeatureOptions } from "./feature-network.ts";

const WANTED =
  "A feature network takes images [N, 3, S, S] (float32 or uint8, RGB, 0 to 255) and gives vectors [N, F] in float32.";
/** A protobuf message has 2 GB at most. */
const MODEL = { max: 2 ** 31, what: "an ONNX file" } as const;
/** Side tried where the file leaves it open. */
const TRIAL_SIDE = 64;

/**
 * Open an ONNX file as a feature network. It is tried on one image, so that what does not fit is
 * refused here.
 * @param whose somebody else's file runs in a process of its own, which can be ended
 * @throws UserError when there is no such file, it is no model, it does not map images to vectors,
 *   or it takes too long or too much memory; the signal's reason when it aborts
 */
export async function openOnnxFeatures(
  path: string,
  options: FeatureOptions = {},
  whose: "own" | "foreign" = "own",
): Promise<FeatureNetwork> {
  const bytes = await readRegular(path, MODEL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    throw new UserError(`There is no file ${path}.`, `Check the path after ${option("features")}.`);
  });
  const threads = options.threads || availableThreads();
  const { signal } = options;
  const opening =
    whose === "own"
      ? openModel(path, threads)
      : openForeignModel(path, { threads, signal, fileBytes: bytes.length });
  const model = await opening.catch((error: unknown) => {
    signal?.throwIfAborted();
    if (error instanceof UserError)
      throw new UserError(error.marked.message, error.marked.hint ?? WANTED, { cause: error });
    throw new UserError(`${path} is not a model that can be run: ${(error as Error).message}`, WANTED, {
      cause: error,
    });
  });
  try {
    return await asNetwork(model, path, sha256(bytes), signal);
  } catch (error) {
    await model.close();
    throw error;
  }
}

async function asNetwork(
  model: OnnxFile,
  path: string,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<FeatureNetwork> {
  const input = inputOf(model, path);
  const size = numeric(input.shape[2]) ?? 0;
  const batch = numeric(input.shape[0]);
  const names = {
    features: model.outputs[0]!,
    logits: model.outputs.find((name, i) => i > 0 && name === "logits"),
  };

  /**
   * One run of the model over `count` images from image `first` on; a fixed batch is filled up with
   * black.
   */
  const run = async (images: Uint8Array | Float32Array, first: number, count: number, side: number) => {
    const rows = batch ?? count;
    const data = planes(images, first, count, rows, side, input.dtype === "uint8");
    const dtype = input.dtype === "uint8" ? ("uint8" as const) : ("float32" as const);
    const results = await model.run({ [input.name]: { dtype, shape: [rows, 3, side, side], data } });
    return {
      features: vectors(results[names.features], rows, names.features, path),
      logits: names.logits && vectors(results[names.logits], rows, names.logits, path),
    };
  };
  const side = size || TRIAL_SIDE;
  const trial = await run(new Uint8Array(side * side * 3), 0, 1, side).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(`${path} does not run: ${(error as Error).message}`, WANTED, { cause: error });
  });
  const dimensions = trial.features.width;
  const classes = trial.logits ? trial.logits.width : undefined;

  return {
    name: basename(path),
    hash,
    size,
    dimensions,
    classes,
    async extract(images, count, imageSide) {
      if (size !== 0 && imageSide !== size)
        throw new UserError(
          `${path} takes images of ${size}×${size}, not of ${imageSide}×${imageSide}.`,
          WANTED,
        );
      const features = new Float32Array(count * dimensions);
      const logits = classes === undefined ? undefined : new Float32Array(count * classes);
      const step = batch ?? count;
      for (let first = 0; first < count; first += step) {
        const taken = Math.min(step, count - first);
        const made = await run(images, first, taken, imageSide);
        if (made.features.width !== dimensions)
          throw new UserError(
            `${path} gives ${made.features.width} features for images of ${imageSide}×${imageSide} and ${dimensions} for others.`,
            "It must give vectors of one length: pool over the image at the end.",
          );
        features.set(made.features.data.subarray(0, taken * dimensions), first * dimensions);
        if (logits && made.logits)
          logits.set(made.logits.data.subarray(0, taken * classes!), first * classes!);
      }
      return { features, logits };
    },
    close: () => model.close(),
  };
}

/** The declared input. @throws UserError when it does not take images */
function inputOf(model: OnnxFile, path: string): DeclaredBinding {
  const [input, ...more] = model.inputSignatures;
  const fits =
    input !== undefined &&
    more.length === 0 &&
    (input.dtype === "float32" || input.dtype === "uint8") &&
    input.shape.length === 4 &&
    (numeric(input.shape[1]) ?? 3) === 3 &&
    input.shape[2] !== undefined &&
    numeric(input.shape[2]) === numeric(input.shape[3]);
  if (fits) return input;
  const found = model.inputSignatures
    .map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(", ")}]`)
    .join(", ");
  throw new UserError(`${path} does not take images: its inputs are ${found || "none"}.`, WANTED);
}

/** A size that is fixed; undefined for one that is left open. */
const numeric = (size: number | string | undefined): number | undefined =>
  typeof size === "number" && size > 0 ? size : undefined;

/** An output as vectors. @throws UserError when it is none */
function vectors(
  tensor: ShapedTensor | undefined,
  rows: number,
  name: string,
  path: string,
): { readonly data: Float32Array; readonly width: number } {
  const [n, width, ...rest] = tensor?.shape ?? [];
  if (
    tensor?.dtype !== "float32" ||
    n !== rows ||
    width === undefined ||
    width < 1 ||
    rest.some((d) => d !== 1)
  )
    throw new UserError(
      `${path} does not give vectors: its output ${name} is ${tensor?.dtype ?? "missing"} [${tensor?.shape.join(", ") ?? ""}] for ${rows} images.`,
      WANTED,
    );
  return { data: tensor.data as Float32Array, width };
}

/**
 * Images `first … first + count − 1` of [N, S, S, 3] as [rows, 3, S, S]; rounded for a network that
 * takes bytes.
 */
function planes(
  images: Uint8Array | Float32Array,
  first: number,
  count: number,
  rows: number,
  side: number,
  bytes: boolean,
): Uint8Array | Float32Array {
  const area = side * side;
  const data = bytes ? new Uint8ClampedArray(rows * 3 * area) : new Float32Array(rows * 3 * area);
  for (let i = 0; i < count; i++) {
    const from = (first + i) * area * 3;
    for (let c = 0; c < 3; c++) {
      const to = (i * 3 + c) * area;
      for (let p = 0; p < area; p++) data[to + p] = images[from + p * 3 + c]!;
    }
  }
  return data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer) : data;
}

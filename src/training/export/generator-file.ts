/**
 * A `generator.onnx` as a reader sees it: what to feed it and what comes out, from the file alone
 * (objectives/programs/export.ts writes it, export.node.ts says what its metadata mean). Nothing
 * here runs the model.
 */
import { UserError } from "../../base/errors.ts";
import {
  type DeclaredBinding,
  describeBorder,
  type ModelBorders,
  readBorders,
} from "../../graph/onnx/borders.ts";
import type { LatentDistribution } from "../settings.ts";

/** An exported generator. */
export interface GeneratorFile {
  /** What to call it: the run's name, failing that the file's. */
  readonly name: string;
  /** Length Z of a latent vector. */
  readonly latentSize: number;
  readonly latentDistribution: LatentDistribution;
  /** Side S of its images in pixels. */
  readonly resolution: number;
  /** Classes of a conditional generator, else 0. */
  readonly classes: number;
  /** Their names, one a class, where the file has them. */
  readonly classNames: readonly string[] | undefined;
  /** Generator steps it was trained for, where the file says so. */
  readonly step: number | undefined;
}

/**
 * What an exported generator is.
 * @param where the file's name, for messages
 * @throws UserError when it is no ONNX file, is cut off, or is a model of another kind
 */
export function readGeneratorFile(bytes: Uint8Array, where: string): GeneratorFile {
  const { inputs, outputs, metadata } = readBorders(bytes, where);
  const find = (bindings: readonly DeclaredBinding[], name: string): DeclaredBinding | undefined =>
    bindings.find((one) => one.name === name);
  const z = find(inputs, "z");
  const labels = find(inputs, "labels");
  const images = find(outputs, "images");
  const [, channels, height, width] = images?.shape ?? [];
  const latentSize = z?.shape[1];
  const fits =
    z?.dtype === "float32" &&
    z.shape.length === 2 &&
    typeof latentSize === "number" &&
    inputs.length === (labels ? 2 : 1) &&
    (labels === undefined || (labels.dtype === "int64" && labels.shape.length === 1)) &&
    images?.dtype === "uint8" &&
    channels === 3 &&
    typeof height === "number" &&
    height === width;
  if (!fits) throw otherModel(where, { inputs, outputs, metadata });
  const classes = labels ? Number(metadata.classes ?? Number.NaN) : 0;
  if (!Number.isInteger(classes) || classes < 0)
    throw new UserError(
      `${where} is conditional, but does not say how many classes it has.`,
      "Export it again with quarterturn export RUN.",
    );
  const step = Number(metadata.step);
  return {
    name: metadata.name || where,
    latentSize,
    latentDistribution: metadata.latentDistribution === "uniform" ? "uniform" : "normal",
    resolution: height,
    classes,
    classNames: classNames(metadata.classNames, classes),
    step: Number.isInteger(step) && step > 0 ? step : undefined,
  };
}

function otherModel(where: string, { inputs, outputs }: ModelBorders): UserError {
  const list = (bindings: readonly DeclaredBinding[]): string => {
    const shown = bindings.slice(0, 4).map(describeBorder);
    if (bindings.length > shown.length) shown.push(`${bindings.length - shown.length} more`);
    return shown.join(", ") || "nothing";
  };
  const discriminator = outputs.some(({ name }) => name === "score");
  return new UserError(
    `${where} is an ONNX model, but not a generator: it takes ${list(inputs)} and gives ${list(outputs)}. ` +
      "A generator takes z float32 [batch, Z] and gives images uint8 [batch, 3, S, S].",
    discriminator
      ? "This looks like a discriminator; take the generator.onnx beside it."
      : "Take a generator.onnx as quarterturn export RUN writes it.",
  );
}

function classNames(json: string | undefined, classes: number): readonly string[] | undefined {
  if (json === undefined || classes === 0) return undefined;
  try {
    const names: unknown = JSON.parse(json);
    const usable =
      Array.isArray(names) && names.length === classes && names.every((n) => typeof n === "string");
    return usable ? (names as string[]) : undefined;
  } catch {
    // Names are a convenience; classes can be given by number.
    return undefined;
  }
}

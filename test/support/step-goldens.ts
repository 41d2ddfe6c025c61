/** Reads what test/goldens/steps.py wrote; test/goldens/README.md describes the files. */
import { readFileSync } from "node:fs";
import { type Shape, sizeOf } from "../../src/graph/index.ts";
import type { StepSettings } from "../../src/objectives/settings.ts";
import { readGolden } from "./safetensors.ts";

export const NETWORKS = ["generator", "discriminator"] as const;
export type NetworkName = (typeof NETWORKS)[number];
export type StepName = "dStep" | "gStep";

/** A tensor's name without its network's, and its shape. */
export interface Entry {
  readonly name: string;
  readonly shape: Shape;
}
type Layout = Readonly<Record<NetworkName, Readonly<Record<"parameters" | "buffers", readonly Entry[]>>>>;

/** One case with its results. */
export interface GoldenStep {
  readonly name: string;
  readonly settings: StepSettings;
  readonly salt: number;
  /** What is fed in this case alone. */
  readonly fed?: Partial<StepGoldens["fed"]>;
  /** Values of parameters that are not hashed. */
  readonly overrides: Readonly<Record<string, readonly number[]>>;
  readonly layout: Layout;
  readonly results: Readonly<Record<StepName, Readonly<Record<string, number>>>>;
  /** The largest element of the step's whole gradient. */
  readonly largestGradient: Readonly<Record<StepName, number>>;
  /**
   * `STEP/gradient/NAME`, `STEP/buffer/NAME`, `dStep/forward/KEY`; a vanishing gradient is all
   * zeros.
   */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** By how much each of them wavers where float32 sums are rounded otherwise. */
  readonly noise: ReadonlyMap<string, number>;
  /** Shapes of the forward values, of which every `stride(size)`-th element is kept. */
  readonly forward: Readonly<Record<string, Shape>>;
}

/** The cases of one file, and what was fed in all of them. */
export interface StepGoldens {
  readonly cases: readonly GoldenStep[];
  readonly fed: Readonly<Record<"learningRate" | "alpha" | "beta" | "lambda", number>>;
  readonly epsilon: number;
}

interface CaseJson extends Omit<GoldenStep, "layout" | "values" | "noise"> {
  readonly layout: number;
}
interface FileJson extends Omit<StepGoldens, "cases"> {
  readonly layouts: readonly Readonly<Record<NetworkName, Record<"parameters" | "buffers", string[]>>>[];
  readonly cases: readonly CaseJson[];
}

/** Which elements of a large forward value are kept. */
export const stride = (size: number): number => (size <= 100 ? 1 : Math.floor(size / 100) | 1);

const entries = (lines: readonly string[]): Entry[] =>
  lines.map((line) => {
    const [name = "", ...sides] = line.split(" ");
    return { name, shape: sides.map(Number) };
  });

/** Read `goldens/steps/FILE`. */
export function readStepGoldens(file: string): StepGoldens {
  const at = (extension: string): URL => new URL(`../goldens/steps/${file}.${extension}`, import.meta.url);
  const { layouts, cases, ...constants } = JSON.parse(readFileSync(at("json"), "utf8")) as FileJson;
  const stored = readGolden(at("safetensors"));
  const layoutAt = (index: number): Layout => {
    const { generator, discriminator } = layouts[index]!;
    const parse = (kinds: Record<"parameters" | "buffers", string[]>) => ({
      parameters: entries(kinds.parameters),
      buffers: entries(kinds.buffers),
    });
    return { generator: parse(generator), discriminator: parse(discriminator) };
  };
  return {
    ...constants,
    cases: cases.map((json): GoldenStep => {
      const golden = { ...json, layout: layoutAt(json.layout) };
      const [shares, scales, noise] = ["values", "scales", "noise"].map(
        (k) => stored.get(`${json.name}/${k}`)!.data,
      );
      const values = cut(golden, shares as Int16Array, scales as Float32Array);
      return { ...golden, values, noise: new Map([...values.keys()].map((key, i) => [key, noise![i]!])) };
    }),
  };
}

/**
 * Cut the flat vector into its tensors, in the order in which they were stored, and undo the
 * scaling.
 */
function cut(
  golden: Pick<GoldenStep, "layout" | "forward">,
  values: Int16Array,
  scales: Float32Array,
): Map<string, Float32Array> {
  const tensors = new Map<string, Float32Array>();
  let offset = 0;
  const take = (key: string, size: number): void => {
    const scale = scales[tensors.size]! / 32767;
    tensors.set(
      key,
      Float32Array.from(values.subarray(offset, offset + size), (v) => v * scale),
    );
    offset += size;
  };
  const steps = [
    ["dStep", "discriminator"],
    ["gStep", "generator"],
  ] as const;
  for (const [step, trained] of steps) {
    for (const { name, shape } of golden.layout[trained].parameters)
      take(`${step}/gradient/${trained}/${name}`, sizeOf(shape));
    for (const network of NETWORKS)
      for (const { name, shape } of golden.layout[network].buffers)
        take(`${step}/buffer/${network}/${name}`, sizeOf(shape));
    if (step === "dStep")
      for (const [key, shape] of Object.entries(golden.forward))
        take(`dStep/forward/${key}`, Math.ceil(sizeOf(shape) / stride(sizeOf(shape))));
  }
  if (offset !== values.length || tensors.size !== scales.length)
    throw new Error(`${values.length} golden numbers stored, ${offset} described`);
  return tensors;
}

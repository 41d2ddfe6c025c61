/**
 * From an experiment's models to run folders. A run is named by the hash of its configuration, so
 * that two tables that need the same model share its run, and a longer reproduction goes on with
 * the runs of a shorter one.
 */
import { option } from "../../base/option-names.ts";
import { parseSweep } from "../../sweep/file.ts";
import { planSweep, type SweepPoint } from "../../sweep/plan.ts";
import { whyIdle } from "../../training/config/effects.ts";
import type { Preset } from "../../training/config/preset.ts";
import { resolveConfig } from "../../training/config/resolve.ts";
import type { Scale } from "./scales.ts";

/** A model an experiment trains. */
export interface ModelSpec {
  /** By which the experiment finds it again: `SS-GAN`, `gp1-b0-d1 SS-GAN`. */
  readonly label: string;
  readonly preset: string;
  /** Configuration besides the preset's and the scale's. */
  readonly set?: Readonly<Record<string, number | string>>;
  /** Whether it is one of the two models all figures compare, which get more seeds. */
  readonly seeds: keyof Scale["seeds"];
  /** The experiment sets the number of discriminator steps itself. */
  readonly ownUpdates?: boolean;
  /** Its images are not worth a FID. */
  readonly unmeasured?: boolean;
}

/** How an experiment is to be repeated. */
export interface Request {
  readonly scale: Scale;
  /** As `train DATA`; null for the built-in images. */
  readonly data: string | null;
  /** Folder of the run folders. */
  readonly folder: string;
  /** Generator steps of every run. */
  readonly steps: number;
  /** How many seeds every model has; as many as the scale says if undefined. */
  readonly seeds: number | undefined;
  /** The first of them; the others follow it. */
  readonly firstSeed: number;
  /** `path=value` for every run to which it means something, over everything else. */
  readonly sets: readonly string[];
  /** Rows of the robustness study. */
  readonly rows: readonly string[];
}

/**
 * The runs of some models, the same configuration only once. Seeds change slowest, so that every
 * model has a result before any has two.
 * @throws UserError as `planSweep`
 */
export function planRuns(
  models: readonly ModelSpec[],
  request: Request,
  loadPreset: (name: string | undefined) => Preset,
): SweepPoint[] {
  const idle = models.map((model) => idleIn(model, request, loadPreset));
  // What means nothing to any of them is a mistake, and refused when the first is planned.
  const mistakes = (idle[0] ?? []).filter((path) => idle.every((paths) => paths.includes(path)));
  const points = models.flatMap((model, i) => {
    const without = idle[i]!.filter((path) => !mistakes.includes(path));
    const seeds = request.seeds ?? request.scale.seeds[model.seeds];
    const file = parseSweep(
      JSON.stringify({
        ...(request.data !== null && { data: request.data }),
        steps: request.steps,
        points: [{ name: model.label, preset: model.preset, set: settingsOf(model, request, without) }],
        seeds: Array.from({ length: seeds }, (_, i) => request.firstSeed + i),
      }),
      model.label,
    );
    return planSweep(file, request.folder, loadPreset);
  });
  return points.sort((a, b) => a.seed - b.seed);
}

/**
 * Paths among the values given that have no effect on a model: the rotated images of a batch, where
 * nothing is rotated.
 */
function idleIn(
  model: ModelSpec,
  request: Request,
  loadPreset: (name: string | undefined) => Preset,
): string[] {
  const given = request.sets.map((text) => splitSet(text)[0]);
  if (given.length === 0) return [];
  const { data, steps } = request;
  const { config } = resolveConfig({
    preset: loadPreset(model.preset),
    sets: Object.entries(settingsOf(model, request, [])).map(([path, value]) => `${path}=${value}`),
    flags: [
      ...(data === null ? [] : [{ flag: "data", path: "data.source", value: data }]),
      { flag: option("steps"), path: "training.steps", value: steps },
    ],
    mayBeIdle: given,
  });
  return given.filter((path) => whyIdle(config, path) !== undefined);
}

/** @param without paths among the values given that are left out */
function settingsOf(
  model: ModelSpec,
  { scale, sets }: Request,
  without: readonly string[],
): Record<string, number | string> {
  const given = Object.fromEntries(sets.map(splitSet).filter(([path]) => !without.includes(path)));
  const measuring: Record<string, number | string> = { ...scale.measuring, ...model.set };
  if (model.unmeasured) measuring["training.evaluateEvery"] = 0;
  const never = Number(given["training.evaluateEvery"] ?? measuring["training.evaluateEvery"]) === 0;
  // How one would measure is no setting of a run that is not measured.
  const idle = (values: Readonly<Record<string, number | string>>) =>
    never ? Object.fromEntries(Object.entries(values).filter(([path]) => !MEASURING.test(path))) : values;
  return {
    ...scale.set,
    ...(model.ownUpdates ? {} : scale.main),
    ...idle(measuring),
    ...(model.unmeasured ? idle(given) : given),
  };
}

const MEASURING = /^training\.(evaluate(Samples|Protocol|Features)|keepBest)$/;

/** `path=value`; what is wrong with it is said when the configuration is resolved. */
export function splitSet(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 1 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

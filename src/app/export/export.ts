/** The use case `export`: a trained run as files that others can use. */
import { basename, resolve } from "node:path";
import { requireWritable } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Engine } from "../../engine/engine.ts";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { evaluationsFor, readEvaluations } from "../../training/evaluation/evaluations.node.ts";
import { knownLicense } from "../../training/export/card.ts";
import { EXPORT_PARTS, type ExportedFile, exportParts } from "../../training/export/parts.node.ts";
import type { NamedTensors } from "../../training/export/weights.node.ts";
import type { Context } from "../context.ts";
import { chosenStep } from "../support/chosen-step.ts";
import { writeDiscriminatorState } from "../support/load-discriminator.ts";
import {
  type LoadedGenerator,
  loadGenerator,
  openRunEngine,
  runConfig,
  statisticsOf,
} from "../support/load-generator.ts";
import { type ExportOptions, exportRequest, refuseIdleOptions } from "./request.ts";

/** What was written. */
export interface ExportResult {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  readonly weights: "averaged" | "latest";
  readonly files: readonly ExportedFile[];
}

/**
 * Hand over a run as files. Each is compared with the trainer's own networks before it gets its
 * name.
 * @throws UserError for everything a user can put right
 */
export async function exportRun(options: ExportOptions, context: Context): Promise<ExportResult> {
  const { run, ema: averaged, license } = options;
  const { report, signal } = context;
  const request = exportRequest(options);
  refuseIdleOptions(request.parts, options);
  if (license !== undefined && !/^[a-z0-9][a-z0-9.-]*$/.test(license))
    throw new UserError(
      `${option("license", license)}: expected an identifier of the Hugging Face hub.`,
      "For example mit, apache-2.0, cc-by-4.0, other.",
    );
  await runConfig(run);
  for (const part of request.parts) await requireWritable(request.place(EXPORT_PARTS[part].file));
  const engine = await openRunEngine(run, options);
  try {
    const step = await chosenStep(run, { step: options.step, best: options.best, averaged }, context);
    const onProgress = statisticsOf(context);
    const source = await loadGenerator(engine, run, { step, averaged, onProgress, signal });
    for (const message of source.notes) void report({ kind: "warning", message });
    const parts = {
      ...{ engine, source, license: license ?? knownLicense(source.config.data.source) },
      name: basename(resolve(run)),
      weights: await loadRest(engine, run, source),
      evaluations: evaluationsFor(await readEvaluations(run), source.step),
      maps: options.maps === true,
    };
    const files = await exportParts(parts, request.parts, request.place, (file) => {
      void report({ kind: "progress", activity: "writing", file });
      signal.throwIfAborted();
    });
    const weights = source.averaged ? "averaged" : "latest";
    return { run: resolve(run), step: source.step, weights, files };
  } finally {
    await engine.close();
  }
}

/**
 * Beside the generator, which is there: the discriminator into the engine.
 * @returns the weights of both
 */
async function loadRest(
  engine: Engine,
  run: string,
  { config, step }: LoadedGenerator,
): Promise<NamedTensors> {
  const { discriminator } = networkLayout(config);
  return (await writeDiscriminatorState(engine, run, discriminator, step)).weights;
}

/** The work of `export`, and of the same at the end of training. */
import { basename, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { networkLayout } from "../objectives/initial-state.ts";
import { readClassNames } from "../training/class-names.node.ts";
import { evaluationsFor, readEvaluations } from "../training/evaluations.node.ts";
import { EXPORT_PARTS, exportParts } from "../training/export/parts.node.ts";
import type { NamedTensors } from "../training/export/weights.node.ts";
import {
  describeComparison,
  type ExportedModel,
  generatorPath,
  writeGenerator,
} from "../training/export.node.ts";
import { readableBytes, requireWritable } from "../training/files.node.ts";
import { AVERAGED } from "../training/samples.ts";
import { chosenStep } from "./chosen-step.ts";
import type { Invocation } from "./command.ts";
import { readExportRequest, refuseIdleOptions } from "./export-options.ts";
import type { FinishedRun, Made } from "./finished-run.ts";
import { writeDiscriminatorState } from "./load-discriminator.ts";
import {
  evaluationStatistics,
  type LoadedGenerator,
  loadGenerator,
  openRunEngine,
  runConfig,
} from "./load-generator.ts";
import { statisticsReport } from "./prepare.ts";
import { shortPath } from "./run-folder.ts";
import { formatCount } from "./status.ts";

/** Hand over a run as files. @throws UserError for everything a user can put right */
export async function exportFrom({ args: [run = ""], options, output }: Invocation): Promise<void> {
  const request = readExportRequest(run, options);
  refuseIdleOptions(request.parts, options);
  const license = options.text("license");
  if (license !== undefined && !/^[a-z0-9][a-z0-9.-]*$/.test(license))
    throw new UserError(
      `--license ${license}: expected an identifier of the Hugging Face hub.`,
      "For example mit, apache-2.0, cc-by-4.0, other.",
    );
  const asked = options.number("step", { whole: true, min: 1 });
  const averaged = options.flag("ema");
  await runConfig(run);
  for (const part of request.parts) await requireWritable(request.place(EXPORT_PARTS[part].file));
  const engine = await openRunEngine(run, options);
  try {
    const step = await chosenStep(run, options, output, { step: asked, averaged });
    const source = await loadGenerator(engine, run, {
      ...{ step, averaged },
      onProgress: statisticsReport(output),
    });
    for (const note of source.notes) output.warning(note);
    const context = {
      ...{ engine, source, license: license ?? knownLicense(source.config.data.source) },
      name: basename(resolve(run)),
      weights: await loadRest(engine, run, source),
      evaluations: evaluationsFor(await readEvaluations(run), source.step),
      maps: options.flag("maps") === true,
    };
    const files = await exportParts(context, request.parts, request.place, (file) =>
      output.status(`writing ${file}`),
    );
    const weights = source.averaged ? "averaged" : "latest";
    const lines = files.map(({ path, note }) => `${shortPath(path)} (${note})`);
    output.result(`${lines.join("\n")}\nstep ${formatCount(source.step)}, ${weights} weights`, {
      run: resolve(run),
      step: source.step,
      weights,
      files: files.map(({ part, path, bytes, check }) => ({ part, path, bytes, ...(check && { check }) })),
    });
  } finally {
    await engine.close();
  }
}

/** The licence of a model whose images are known to allow it: those that come with the package are under MIT's. Of others nobody but their owner can say. */
const knownLicense = (images: string | null): string => (images === null ? "mit" : "unknown");

/** Beside the generator, which is there: the discriminator into the engine. @returns the weights of both */
async function loadRest(
  engine: Engine,
  run: string,
  { config, step }: LoadedGenerator,
): Promise<NamedTensors> {
  const { discriminator } = networkLayout(config);
  return (await writeDiscriminatorState(engine, run, discriminator, step)).weights;
}

/** At the end of training: the generator as it is, averaged where the run averages. */
export async function exportFinished({ config, dir, step, engine, steps }: FinishedRun): Promise<Made[]> {
  const averaged = config.training.ema > 0;
  const weights: Readonly<Record<string, string>> = averaged ? AVERAGED : {};
  const alias = { ...weights, ...(await evaluationStatistics(engine, config, weights)) };
  const sampler = await engine.compile(steps.sampler);
  try {
    const classNames = await readClassNames(dir);
    const source = { config, step, averaged, sampler, alias, classNames };
    const model = await writeGenerator(engine, source, generatorPath(dir), basename(dir));
    return [{ path: model.path, note: describeModel(model) }];
  } finally {
    await sampler.release();
  }
}

const describeModel = ({ bytes, comparison }: ExportedModel): string =>
  `${readableBytes(bytes)}; ${describeComparison(comparison)}`;

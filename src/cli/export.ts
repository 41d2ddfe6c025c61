/** The work of `export`, and of the same at the end of training. */
import { basename, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { readClassNames } from "../training/class-names.node.ts";
import {
  describeComparison,
  type ExportedModel,
  generatorPath,
  writeGenerator,
} from "../training/export.node.ts";
import { readableBytes } from "../training/files.node.ts";
import { AVERAGED } from "../training/samples.ts";
import type { Invocation } from "./command.ts";
import type { FinishedRun, Made } from "./finish.ts";
import { evaluationStatistics, loadGenerator, openRunEngine } from "./load-generator.ts";
import { shortPath } from "./run-folder.ts";
import { formatCount } from "./status.ts";

/** Write the generator of a run as ONNX. @throws UserError for everything a user can put right */
export async function exportFrom({ args: [run = ""], options, output }: Invocation): Promise<void> {
  const out = options.text("out");
  if (out !== undefined && !out.endsWith(".onnx"))
    throw new UserError(`--out ${out}: the generator is an ONNX file.`, "Let the name end in .onnx.");
  const step = options.number("step", { whole: true, min: 1 });
  const engine = await openRunEngine(run, options);
  try {
    const generator = await loadGenerator(engine, run, step, options.flag("ema"), (done, total) =>
      output.status(`statistics of ${formatCount(done)} of ${formatCount(total)} images`),
    );
    for (const note of generator.notes) output.warning(note);
    const path = resolve(out ?? generatorPath(run));
    const model = await writeGenerator(engine, generator, path, basename(resolve(run)));
    const weights = generator.averaged ? "averaged" : "latest";
    output.result(
      `${shortPath(path)} (step ${formatCount(generator.step)}, ${weights} weights, ${describeModel(model)})`,
      { run: resolve(run), step: generator.step, weights, ...model },
    );
  } finally {
    await engine.close();
  }
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

/** The generator of a run that has all its steps, as a file. */

import { basename } from "node:path";
import { formatBytes } from "../../base/text/format/index.ts";

import {
  describeComparison,
  type ExportedModel,
  generatorPath,
  writeGenerator,
} from "../../training/export/generator.node.ts";
import { readClassNames } from "../../training/run/folder/class-names.node.ts";
import { AVERAGED } from "../../training/sampling/samples.ts";
import { evaluationStatistics } from "../support/load-generator.ts";
import type { FinishedRun, Made } from "./finished-run.ts";

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
  `${formatBytes(bytes)}; ${describeComparison(comparison)}`;

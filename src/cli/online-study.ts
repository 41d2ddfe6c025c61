/** Runs the online study with what a command opens for it: an engine, the labelled images, a status line. */

import { openParts } from "../app/open-parts.ts";
import type { Resources } from "../app/resources.ts";
import { formatCount, formatDuration, formatPercent } from "../base/format.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { createEngine } from "../engine/node.node.ts";
import { type OnlineSettings, VARIANTS } from "../studies/online/settings.ts";
import { type OnlineResult, runOnlineStudy } from "../studies/online/study.ts";
import { labelled } from "../studies/online/tasks.ts";
import { narrate } from "./narrate.ts";
import type { Output } from "./output.ts";

/** What a study is run with. */
export interface StudyOptions {
  /** As `train DATA`. */
  readonly source: string | null;
  readonly dir: string;
  readonly settings: OnlineSettings;
  /** The processor unless given. */
  readonly device?: EngineOptions["device"];
  /** Threads for the arithmetic; 0 takes the cores this process may use. */
  readonly threads: number;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Only read what is there. */
  readonly readOnly?: boolean;
  /** Whatever is opened is kept here. */
  readonly keep: Resources["keep"];
}

/**
 * Run what is missing of the study.
 * @returns what came out, and what it was about
 * @throws UserError as `runOnlineStudy`
 */
export async function runStudy(
  options: StudyOptions,
): Promise<OnlineResult & { readonly data: string; readonly classes: number }> {
  const { source, settings, output, signal, keep, dir } = options;
  const engine = keep(await createEngine({ device: options.device ?? "cpu", threads: options.threads }));
  const { resolution } = settings;
  const { train, test } = await openParts(
    { source, resolution, preprocessing: "centre-crop", minimumImages: 2, signal },
    { report: narrate(output) },
    keep,
    labelled,
  );
  const images = { train: labelled(train), test: labelled(test) };
  const started = Date.now();
  let begunAt: number | undefined;
  const result = await runOnlineStudy({
    ...{ dir, settings, engine, ...images },
    signal: options.readOnly ? AbortSignal.abort() : signal,
    dataHash: `${train.hash} ${test.hash}`,
    onProgress(variant, step, total, line) {
      begunAt ??= step;
      const seconds = (Date.now() - started) / 1000;
      const left = step > begunAt ? (seconds / (step - begunAt)) * (total - step) : Number.NaN;
      output.status(
        `${VARIANTS[variant].title}: ${formatCount(step)}/${formatCount(total)} · ${formatDuration(left)} left`,
      );
      if (line)
        output.line(
          `${variant} ${formatCount(step)}: class ${line.task} ${line.moment === "switch" ? "begins at" : "is at"} ${formatPercent(line.accuracy)}`,
        );
    },
  });
  return { ...result, data: train.summary.name, classes: images.train.classNames.length };
}

/** Runs the online study with what it needs: an engine and labeled images. */
import { parseDevice } from "../engine/devices/devices.ts";
import { createEngine } from "../engine/node.node.ts";
import type { OnlineSettings } from "../studies/online/settings.ts";
import { type OnlineResult, runOnlineStudy } from "../studies/online/study.ts";
import { labeled } from "../studies/online/tasks.ts";
import type { Context } from "./context.ts";
import type { EngineChoice } from "./support/engine-choice.ts";
import { openSplits } from "./support/open-splits.ts";
import { openResources } from "./support/resources.ts";

/** What a study is run with; on the processor unless a device is given. */
export interface StudyOptions extends EngineChoice {
  /** As `train DATA`. */
  readonly source: string | null;
  /** Folder of the study. */
  readonly dir: string;
  readonly settings: OnlineSettings;
  /** Only read what is there. */
  readonly readOnly?: boolean;
}

/** What came out, and what it was about. */
export interface StudyOutcome extends OnlineResult {
  /** Name of the data. */
  readonly data: string;
  readonly classes: number;
}

/**
 * Run what is missing of the study. Aborting saves, and ends with what there is.
 * @throws UserError as `runOnlineStudy`
 */
export async function runStudy(options: StudyOptions, { report, signal }: Context): Promise<StudyOutcome> {
  const { source, settings, dir } = options;
  const { use, close } = openResources();
  try {
    const device = parseDevice(options.device ?? "cpu");
    const engine = use(await createEngine({ device, threads: options.threads ?? 0 }));
    const { resolution } = settings;
    const { train, test } = await openSplits(
      { source, resolution, preprocessing: "centre-crop", minimumImages: 2, signal },
      { report },
      use,
      labeled,
    );
    const images = { train: labeled(train), test: labeled(test) };
    const started = Date.now();
    let begunAt: number | undefined;
    const result = await runOnlineStudy({
      ...{ dir, settings, engine, ...images },
      signal: options.readOnly ? AbortSignal.abort() : signal,
      dataHash: `${train.hash} ${test.hash}`,
      onProgress(variant, step, total, line) {
        begunAt ??= step;
        const seconds = (Date.now() - started) / 1000;
        const secondsLeft = step > begunAt ? (seconds / (step - begunAt)) * (total - step) : Number.NaN;
        void report({ kind: "online-study", variant, step, total, secondsLeft, line });
      },
    });
    return { ...result, data: train.summary.name, classes: images.train.classNames.length };
  } finally {
    await close();
  }
}

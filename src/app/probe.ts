/** The use case `probe`: how much each block of a discriminator knows about classes. */
import { resolve } from "node:path";
import { option } from "../base/option-names.ts";
import type { Engine } from "../engine/engine.ts";
import { initialState } from "../objectives/programs/initial-state.ts";
import { buildFeatures } from "../studies/probe/features.ts";
import { checkLabeled, type ProbeResult, probe } from "../studies/probe/probe.ts";
import { FULL_FEATURES, PROTOCOL } from "../studies/probe/protocol.ts";
import type { Config } from "../training/config/schema.ts";
import type { Context } from "./context.ts";
import type { EngineChoice } from "./support/engine-choice.ts";
import { writeDiscriminatorState } from "./support/load-discriminator.ts";
import { openRunEngine, runConfig } from "./support/load-generator.ts";
import { openSplits } from "./support/open-splits.ts";
import { refuseIdle } from "./support/refuse-idle.ts";
import { openResources } from "./support/resources.ts";

/** Whose discriminator is probed, and with what. */
export interface ProbeOptions extends EngineChoice {
  /** A run folder. */
  readonly run: string;
  /** Of the checkpoint; the newest whole one unless given. */
  readonly step?: number | undefined;
  /** Whether the networks are probed as they were before the first step. */
  readonly untrained?: boolean | undefined;
  /** Labeled images; the run's own unless given. */
  readonly data?: string | undefined;
  /** Whether each channel is one number. */
  readonly quick?: boolean | undefined;
  /** Orders of batches that the probe is made with; 3 unless given. */
  readonly seeds?: number | undefined;
  readonly epochs?: number | undefined;
  /** Training and test images at the most; all unless given. */
  readonly images?: number | undefined;
}

/** What was found: the document of `probe --json`. */
export type ProbeOutcome = ProbeResult & {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  readonly untrained: boolean;
  /** Numbers that a block's map was pooled to at the most. */
  readonly limit: number;
  readonly epochs: number;
};

/**
 * Fit linear classifiers to the features of each block.
 * @throws UserError when run, checkpoint or labeled images are not there, and for an option that
 * would change nothing; the signal's reason when it aborts
 */
export async function probeRun(options: ProbeOptions, context: Context): Promise<ProbeOutcome> {
  const { untrained = false, seeds = 3, epochs = PROTOCOL.epochs, images } = options;
  const { report, signal } = context;
  if (untrained)
    refuseIdle(
      options,
      ["step"],
      `${option("untrained", true)} probes the network as it was before the first step`,
    );
  const run = resolve(options.run);
  const config = await runConfig(run);
  const { use, close } = openResources();
  try {
    const engine = use(await openRunEngine(run, options));
    const limit = options.quick ? 1 : FULL_FEATURES;
    const features = buildFeatures(config, engine.target, limit);
    const { step } = untrained
      ? { step: await writeUntrained(engine, config) }
      : await writeDiscriminatorState(engine, run, features.layout, options.step);
    const source = options.data ?? config.data.source;
    const data = await openSplits({ ...config.data, source, signal }, context, use, checkLabeled);
    const result = await probe(
      engine,
      features,
      data,
      {
        regression: { ...PROTOCOL, epochs },
        seeds: Array.from({ length: seeds }, (_, i) => i + 1),
        images: images === undefined ? undefined : { train: images, test: images },
        signal,
      },
      (block, phase, done, total) =>
        void report({ kind: "progress", activity: "fitting", what: `${block}: ${phase}`, done, total }),
    );
    return { run, step, untrained, limit, epochs, ...result };
  } finally {
    await close();
  }
}

/** The state that training began with. @returns its step */
async function writeUntrained(engine: Engine, config: Config): Promise<number> {
  const state = initialState(config, config.training.seed);
  await engine.writeState(
    Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith("discriminator/"))),
  );
  return 0;
}

/** Probing while training: what `training.probeEvery` opens. */

import { setting } from "../../base/option-names.ts";
import type { ImageStore } from "../../data/index.node.ts";
import type { Engine } from "../../engine/engine.ts";
import { buildFeatures } from "../../studies/probe/features.ts";
import { checkLabeled, checkLabels } from "../../studies/probe/probe.ts";
import { QUICK_FEATURES, quickProbe } from "../../studies/probe/quick.ts";
import type { Config } from "../../training/config/schema.ts";
import type { Probing } from "../../training/run/run.node.ts";
import type { Context } from "../context.ts";
import { openSplits } from "../support/open-splits.ts";
import { openResources } from "../support/resources.ts";

/** What is open for probing; nothing, where it is switched off. */
export interface TrainProbing {
  readonly probing: Probing | undefined;
  close(): Promise<void>;
}

/**
 * Open the labeled images a configuration wants the discriminator probed with: their training and
 * their test part.
 * @throws UserError when there are none, or they have no labels: before training begins, not at the
 * first probe
 */
export async function openTrainProbing(
  config: Config,
  engine: Engine,
  context: Pick<Context, "report">,
): Promise<TrainProbing> {
  const { probeEvery, probeData } = config.training;
  const { use, close } = openResources();
  if (probeEvery === 0) return { probing: undefined, close };
  try {
    const source = probeData ?? config.data.source;
    const wanted = { ...config.data, source, minimumImages: 2 };
    const check = (train: ImageStore) => checkLabeled(train, setting("training.probeData", "PATH"));
    const data = await openSplits(wanted, context, use, check, "probe");
    checkLabels(data.train, data.test);
    const program = buildFeatures(config, engine.target, QUICK_FEATURES);
    return {
      probing: {
        every: probeEvery,
        async probe(step, signal) {
          void context.report({ kind: "progress", activity: "probing", step });
          return quickProbe(engine, program, data, step, signal);
        },
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

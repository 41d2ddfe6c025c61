/** The work of `probe`. */
import { resolve } from "node:path";
import { writeDiscriminatorState } from "../app/load-discriminator.ts";
import { openRunEngine, runConfig } from "../app/load-generator.ts";
import { openParts } from "../app/open-parts.ts";
import { openResources } from "../app/resources.ts";
import type { Engine } from "../engine/engine.ts";
import { textTable } from "../narration/table.ts";
import { initialState } from "../objectives/initial-state.ts";
import { buildFeatures } from "../studies/probe/features.ts";
import { checkLabelled, type ProbeResult, probe } from "../studies/probe/probe.ts";
import { FULL_FEATURES, PROTOCOL } from "../studies/probe/protocol.ts";
import type { Config } from "../training/config/schema.ts";
import { type Invocation, refuseIdle } from "./command.ts";
import { readEngine } from "./engine-options.ts";
import { interruptible } from "./interruptible.ts";
import { narrate } from "./narrate.ts";

/** Probe a run. @returns the exit code */
export async function probeFrom(invocation: Invocation): Promise<number> {
  const { output, options, args } = invocation;
  const untrained = options.flag("untrained") === true;
  if (untrained)
    refuseIdle(
      options,
      ["step"],
      "--untrained probes the network as it was before the first step",
      "Leave one of them out.",
    );
  const run = resolve(args[0]!);
  const config = await runConfig(run);
  const words = { stopped: "Stopped; nothing was changed.", document: { finished: false } };
  return interruptible(output, words, async (signal) => {
    const { keep, close } = openResources();
    try {
      const engine = keep(await openRunEngine(run, readEngine(options)));
      const limit = options.flag("quick") ? 1 : FULL_FEATURES;
      const features = buildFeatures(config, engine.target, limit);
      const wanted = options.number("step", { whole: true, min: 0 });
      const { step } = untrained
        ? { step: await writeUntrained(engine, config) }
        : await writeDiscriminatorState(engine, run, features.layout, wanted);

      const source = options.text("data") ?? config.data.source;
      const data = await openParts(
        { ...config.data, source, signal },
        { report: narrate(output) },
        keep,
        checkLabelled,
      );
      const seeds = options.number("seeds", { whole: true, min: 1, max: 100 }) ?? 3;
      const epochs = options.number("epochs", { whole: true, min: 1 }) ?? PROTOCOL.epochs;
      const images = options.number("images", { whole: true, min: 16 });
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
        (block, phase, done, total) => output.status(`${block}: ${phase} ${done}/${total}`),
      );
      output.result(describe(result, step, untrained), { run, step, untrained, limit, epochs, ...result });
    } finally {
      await close();
    }
  });
}

/** The state that training began with. */
async function writeUntrained(engine: Engine, config: Config): Promise<number> {
  const state = initialState(config, config.training.seed);
  await engine.writeState(
    Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith("discriminator/"))),
  );
  return 0;
}

function describe(result: ProbeResult, step: number, untrained: boolean): string {
  const rows = result.blocks.map(({ block, dimensions, mean, sd }) => [
    block,
    String(dimensions),
    `${(100 * mean).toFixed(2)} %`,
    `± ${(100 * sd).toFixed(2)}`,
    block === result.best ? "best" : "",
  ]);
  return [
    textTable([["block", "features", "top-1", "sd", ""], ...rows]),
    `Linear probe ${untrained ? "of the untrained network" : `at step ${step}`}: ${result.classes} classes, ${result.trainImages} training and ${result.testImages} test images.`,
    "Protocol: this project's own (docs/studies.md); the paper's exact settings are not published.",
  ].join("\n");
}

/** `probe`: the use case, printed. */

import { type ProbeOptions, type ProbeOutcome, probeRun } from "../../app/probe.ts";
import { percent } from "../../base/text/format/index.ts";
import { textTable } from "../../narration/table.ts";
import type { Invocation } from "../command.ts";
import { readEngine } from "../options/engine-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";

/** Probe the run of the command line. @returns the exit code */
export async function probeFrom(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const asked = readProbeOptions(invocation);
  const words = { stopped: "Stopped; nothing was changed.", document: { finished: false } };
  return interruptible(output, words, async (signal) => {
    const outcome = await probeRun(asked, contextOf(output, signal));
    output.result(describe(outcome), outcome);
  });
}

function readProbeOptions({ args: [run = ""], options }: Invocation): ProbeOptions {
  return {
    ...{ run, ...readEngine(options) },
    untrained: options.flag("untrained"),
    step: options.number("step", { whole: true, min: 0 }),
    data: options.text("data"),
    quick: options.flag("quick"),
    seeds: options.number("seeds", { whole: true, min: 1, max: 100 }),
    epochs: options.number("epochs", { whole: true, min: 1 }),
    images: options.number("images", { whole: true, min: 16 }),
  };
}

function describe(result: ProbeOutcome): string {
  const { step, untrained } = result;
  const rows = result.blocks.map(({ block, dimensions, mean, sd }) => [
    block,
    String(dimensions),
    percent(mean, 0.0001),
    `± ${(100 * sd).toFixed(2)}`,
    block === result.best ? "best" : "",
  ]);
  return [
    textTable([["block", "features", "top-1", "sd", ""], ...rows]),
    `Linear probe ${untrained ? "of the untrained network" : `at step ${step}`}: ${result.classes} classes, ${result.trainImages} training and ${result.testImages} test images.`,
    "Protocol: this project's own (docs/studies.md); the paper's exact settings are not published.",
  ].join("\n");
}

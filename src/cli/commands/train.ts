/** `quarterturn train [data]`: train on images, or go on where a run stopped. */

import { UserError } from "../../base/errors.ts";
import { textTable } from "../../narration/table.ts";
import { flattenConfig } from "../../training/config/check.ts";
import { describeConfig, showValue } from "../../training/config/describe.ts";
import { loadPreset, presetNames } from "../../training/config/presets.node.ts";
import { resolveConfig } from "../../training/config/resolve.ts";
import { type CommandModule, EXIT, type Invocation } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--preset <name>", 'Named configuration, "quarterturn presets" lists them (default: laptop)'],
    ["--set <path=value>", "Change one configuration value; may be repeated"],
    [
      "--time <duration>",
      "Fill this time (30m, 2h): size, width and steps are found by measuring this machine",
    ],
    ["--resolution <side>", "Side of the images in pixels, or auto (with --time, the default there)"],
    ["--width <n>", "Channels of both networks, or auto (with --time, the default there)"],
    ["--steps <n>", "Generator steps in all"],
    ["--init <run>", "Begin with the weights of another run, made with the same networks, on other images"],
    [
      "--rescue",
      "Twice at most, take a run whose generator collapses back to before that, with another game",
    ],
    ["--seed <n>", "Seed of every random stream"],
    ["--run <dir>", "Run folder (default: a folder below runs/ named after the data)"],
    [
      "--evaluate-every <n>",
      "Measure FID and KID of generated images every n steps; 0: never; auto: as often as takes 3 % of the time",
    ],
    ["--probe-every <n>", "Probe the discriminator with the labels of the data every n steps; 0: never"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml"],
    ["--threads <n>", "Threads for the arithmetic (default: the cores this process may use)"],
    ["--fork", "Start a new run from the newest checkpoint of an existing one, with other values"],
    ["--from <step>", "With --fork: from the checkpoint of that step (default: the newest)"],
    ["--new", "Start a new run beside an existing one"],
    ["--studio", "Serve the live page on this machine while training (the default)"],
    ["--no-studio", "Do not"],
    ["--no-tfevents", "Write no files for TensorBoard into the run folder"],
    [
      "--dry-run",
      "Show what would be done: data, memory, measured speed, estimated end, and the values set or found",
    ],
    ["--all", "With --dry-run: every value of the configuration, with its reason"],
    [
      "--profile <dir>",
      "With --dry-run: which operators the time of a step goes to; the traces are written into this folder",
    ],
  ],
  examples: [
    "",
    "~/pictures",
    "~/pictures --time 30m",
    "~/pictures --resolution 64 --steps 20000",
    "cifar10:/data/cifar-10-batches-bin --preset paper/cifar10/ssgan --dry-run",
    "--run runs/pictures-32 --steps 40000",
  ],
  notes: () =>
    `Configuration: --set path=value changes one of ${describeConfig().length} values.\n  $ quarterturn train --help config`,
  topics: {
    config: () => {
      const { config } = resolveConfig({ preset: loadPreset(), sets: [], flags: [] });
      const values = flattenConfig(config);
      return `Configuration (--set path=value):\n${textTable(
        describeConfig().map((row) => [
          row.path,
          row.type,
          `${row.description} (default: ${showValue(values[row.path])})`,
        ]),
      )}

  The defaults above are those of the preset ${presetNames()[0]}, which is taken where none is named; "quarterturn presets NAME" shows those of
  another. The same command again continues the run.`;
    },
  },
  run: async (invocation) =>
    invocation.options.flag("dry-run")
      ? (await import("../actions/train/dry-run.ts")).dryRun(invocation)
      : train(invocation),
};

async function train(invocation: Invocation): Promise<number> {
  if (invocation.options.flag("all") === true)
    throw new UserError(
      "--all is given without --dry-run.",
      "It shows all of what a training would be made with: add --dry-run.",
    );
  if (invocation.options.text("profile") !== undefined)
    throw new UserError(
      "--profile is given without --dry-run.",
      "Profiles are made of a few steps that are thrown away: add --dry-run.",
    );
  const { trainFrom } = await import("../actions/train/train.ts");
  const result = await trainFrom(invocation);
  return result === "finished" ? EXIT.done : EXIT.interrupted;
}

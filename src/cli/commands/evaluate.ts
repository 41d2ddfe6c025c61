/**
 * `quarterturn evaluate RUN`: how good a trained generator is, as the paper and others measure it.
 */

import { PROTOCOLS } from "../../metrics/protocol.ts";
import { METRICS } from "../../metrics/registry.ts";
import { textTable } from "../../narration/table.ts";
import type { CommandModule } from "../command.ts";

/** Options that `compare` has too. */
export const EVALUATION_OPTIONS: CommandModule["options"] = [
  ["--metrics <names>", "Comma-separated, or all (default: fid,kid,prdc)"],
  ["--protocol <name>", "Whose way of measuring (default: paper)"],
  [
    "--features <name>",
    "Feature network: a name, or an ONNX file that maps images to vectors (default: see features list)",
  ],
  ["--threads <n>", "Threads for the arithmetic (default: the cores there are)"],
];

/** The names those options take. */
export const evaluationNotes = (): string => {
  const rows = (all: readonly { name: string; description: string }[]): string =>
    textTable(
      all.map(({ name, description }) => [name, description]),
      4,
    );
  return `Metrics:\n${rows(METRICS)}\n\nProtocols:\n${rows(PROTOCOLS)}`;
};

export const command: CommandModule = {
  options: [
    ...EVALUATION_OPTIONS,
    ["--samples <n>", "Generated images (default: as the protocol says)"],
    [
      "--repeats <n>",
      "Times, each with other samples, for a mean and deviation (default: as the protocol says)",
    ],
    ["--step <n>", "Checkpoint of that step (default: the newest)"],
    ["--best", "The checkpoint that training measured best"],
    ["--no-best", "The newest checkpoint (the default here)"],
    ["--all-checkpoints", "Every checkpoint there is"],
    [
      "--memorization",
      "Instead of metrics: the nearest training images of samples, and whether these are copies of them",
    ],
    ["--memorisation", "The same"],
    ["--ema", "Averaged weights (the default where the run has them)"],
    ["--no-ema", "The latest weights"],
    ["--data <data>", "Reference images (default: the run's own)"],
    ["--split <part>", "train, test or all of them (default: as the protocol says)"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml for the generator (default: as in training)"],
  ],
  examples: [
    "runs/emoji-32",
    "runs/cifar10-32 --protocol mimicry --metrics fid,kid,is",
    "runs/emoji-32 --memorization",
    "runs/emoji-32 --all-checkpoints --samples 2048 --repeats 1",
  ],
  notes: evaluationNotes,
  async run(invocation) {
    const { evaluateFrom } = await import("../actions/evaluate.ts");
    return evaluateFrom(invocation);
  },
};

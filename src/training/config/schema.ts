/**
 * The configuration of a training run: the one source of truth. Types, defaults, validation,
 * `--help`, `presets` and the documentation table all come from the zod schema below. Every value
 * names its unit, where its default comes from, and what it does.
 *
 * The defaults are those of the paper's CIFAR-10 experiment. Sources: "paper" is arXiv 1811.11212;
 * "as reproduced by mimicry" are the paper's values as kwotsin/mimicry gives them, whose
 * reproduction reaches the published FID; "compare_gan" is the authors' code (google/compare_gan),
 * which ships no configuration of the experiment itself.
 */
import { z } from "zod";
import { dataSection } from "./sections/data.ts";
import { discriminatorSection } from "./sections/discriminator.ts";
import { engineSection } from "./sections/engine.ts";
import { generatorSection } from "./sections/generator.ts";
import { objectiveSection } from "./sections/objective.ts";
import { optimizerSection } from "./sections/optimizer.ts";
import { trainingSection } from "./sections/training.ts";

export { RESOLUTIONS } from "./sections/data.ts";
export type { ValueNotes } from "./sections/notes.ts";
export { DECAYS } from "./sections/optimizer.ts";

/** The whole configuration; `{}` parses to the defaults. Unknown keys are refused. */
export const configSchema = z.strictObject({
  data: dataSection.prefault({}),
  generator: generatorSection.prefault({}),
  discriminator: discriminatorSection.prefault({}),
  objective: objectiveSection.prefault({}),
  optimizer: optimizerSection.prefault({}),
  training: trainingSection.prefault({}),
  engine: engineSection.prefault({}),
});

/** A complete, validated configuration. */
export type Config = z.output<typeof configSchema>;

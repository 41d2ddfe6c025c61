/** A trained discriminator out of a run folder, without its data set. */
import { resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { QUARTER_TURN_TASKS, taskOf } from "../../objectives/pretext/registry.ts";
import {
  type DiscriminatorProgram,
  type DiscriminatorProgramOptions,
  discriminatorProgram,
} from "../../objectives/programs/discriminator-program.ts";
import type { NetworkLayout } from "../../objectives/steps.ts";
import type { Config } from "../../training/config/schema.ts";
import type { NamedTensors } from "../../training/export/weights.node.ts";
import { refuseWithoutDiscriminator } from "../../training/import/origin.node.ts";
import { discriminatorState } from "../../training/run/checkpoint/weights.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { findCheckpoint, openRunEngine, runConfig } from "./load-generator.ts";

/**
 * Put the discriminator of a run's checkpoint into `engine`.
 * @param step of the checkpoint; undefined for the newest whole one
 * @returns the checkpoint's step and the weights of both its networks, and what the user should be
 * told
 * @throws UserError when there is no such checkpoint, or it is damaged or does not fit the run's
 * configuration
 */
export async function writeDiscriminatorState(
  engine: Engine,
  run: string,
  layout: NetworkLayout,
  step: number | undefined,
): Promise<{ readonly step: number; readonly weights: NamedTensors; readonly notes: readonly string[] }> {
  await refuseWithoutDiscriminator(run);
  const { checkpoint, notes } = await findCheckpoint(run, step);
  await engine.writeState(discriminatorState(checkpoint.named, layout, checkpoint.path));
  return { step: checkpoint.meta.progress.step, weights: checkpoint.named.weights, notes };
}

/** A discriminator ready to be asked. */
export interface LoadedDiscriminator extends DiscriminatorProgram {
  readonly run: string;
  readonly config: Config;
  readonly step: number;
  readonly executable: Executable;
  readonly notes: readonly string[];
}

/**
 * Load the discriminator of `run` into `engine`. The caller releases `executable` or closes the
 * engine.
 * @throws UserError as above
 */
export async function loadDiscriminatorProgram(
  engine: Engine,
  run: string,
  step: number | undefined,
  options: DiscriminatorProgramOptions,
): Promise<LoadedDiscriminator> {
  const config = await runConfig(run);
  const discriminator = discriminatorProgram(config, engine.target, options);
  const loaded = await writeDiscriminatorState(engine, run, discriminator.layout, step);
  const executable = await engine.compile(discriminator.program);
  return {
    ...discriminator,
    ...{ run: resolve(run), config, executable, step: loaded.step, notes: loaded.notes },
  };
}

/** Which rotation head, and for what. */
export interface HeadRequest {
  /** Of the checkpoint; undefined for the newest whole one. */
  readonly step: number | undefined;
  readonly engine: EngineChoice;
  /** Side of the images that it is to look at, in pixels. */
  readonly resolution: number;
}

/**
 * Work with a run's head that tells quarter turns and sees every image in all four; closed
 * afterwards. `work` is told the name of its answers.
 * @throws UserError for a run without such a head, or one for images of another size
 */
export async function withRotationHead<T>(
  run: string,
  { step, engine: choice, resolution }: HeadRequest,
  work: (discriminator: LoadedDiscriminator, answers: string) => Promise<T>,
): Promise<T> {
  const config = await runConfig(run);
  const task = taskOf(config.objective)?.description;
  if (!task?.tellsQuarterTurns)
    throw new UserError(
      `The discriminator of ${run} has no rotation head: it was trained with objective.selfSupervision ${config.objective.selfSupervision}.`,
      `Take a run with one: of objective.selfSupervision ${QUARTER_TURN_TASKS.join(", ")}.`,
    );
  if (resolution !== config.data.resolution)
    throw new UserError(
      `The rotation head of ${run} looks at images of ${config.data.resolution}×${config.data.resolution}, not of ${resolution}×${resolution}.`,
      `Leave ${option("resolution")} out.`,
    );
  const engine = await openRunEngine(run, choice);
  try {
    return await work(
      await loadDiscriminatorProgram(engine, run, step, { score: false, views: "task" }),
      task.key,
    );
  } finally {
    await engine.close();
  }
}

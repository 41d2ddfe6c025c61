/** A checkpoint's discriminator, brought into an engine. */
import type { Engine } from "../../engine/engine.ts";
import type { NetworkLayout } from "../../objectives/steps.ts";
import { checkpointOf } from "../../training/run/checkpoint/checkpoint.node.ts";
import { discriminatorState } from "../../training/run/checkpoint/weights.ts";
import { checkpointsIn } from "../../training/run/folder/run-folder.node.ts";

/** Which checkpoint is brought into an engine. */
export interface CheckpointRequest {
  /** The run folder. */
  readonly run: string;
  readonly step: number;
  /** Of the discriminator. */
  readonly layout: NetworkLayout;
}

/**
 * Put a checkpoint's discriminator into the engine.
 * @returns its parameters, flat
 * @throws UserError when there is no such checkpoint, or it is damaged or of other networks
 */
export async function loadDiscriminator(
  engine: Engine,
  { run, step, layout }: CheckpointRequest,
): Promise<Float32Array> {
  const checkpoint = await checkpointOf(checkpointsIn(run), step);
  const state = discriminatorState(checkpoint.named, layout, checkpoint.path);
  await engine.writeState(state);
  return state["discriminator/parameters"]!;
}

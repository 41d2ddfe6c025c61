/** The use case `data inspect`: what a person should know about images before training on them. */
import { type Inspection, inspectData } from "../../data/index.node.ts";
import type { Context } from "../context.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { packingOf } from "../support/images.ts";
import { runConfig } from "../support/load-generator.ts";
import { dataRequest, type SizedImagesOptions } from "./images-options.ts";

/** Which images, and how they are looked at. */
export interface InspectOptions extends SizedImagesOptions, EngineChoice {
  /**
   * A run whose rotation head tells which images are not upright; its values hold where no other is
   * given. Without one nobody looks for that.
   */
  readonly run?: string | undefined;
}

/**
 * Look at every image: counts, sizes, classes, copies, odd files.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function inspectImages(options: InspectOptions, context: Context): Promise<Inspection> {
  const { report, signal } = context;
  const { run } = options;
  const request = dataRequest(options, run === undefined ? undefined : (await runConfig(run)).data);
  const look = { ...request, signal, onProgress: packingOf(report, "inspection") };
  // Engine and networks are loaded only for a run.
  const found =
    run === undefined
      ? await inspectData(look)
      : await (await import("./inspect-rotations.ts")).inspectRotations(run, options, look);
  for (const message of found.warnings) void report({ kind: "warning", message });
  return found;
}

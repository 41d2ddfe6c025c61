/**
 * Blocks of a discriminator that keep the weights of another run (FreezeD: Mo, Cho and Shin 2020,
 * arXiv 2002.10964). With few images to learn from, edges and textures that are known already are
 * not learned anew, only what is made of them.
 */
import { UserError } from "../../base/errors.ts";
import { input, topologicalOrder } from "../../graph/index.ts";
import { DISCRIMINATORS } from "../../models/registry.ts";
import { traceNetwork } from "../../nn/scope.ts";
import type { StepSettings } from "../settings.ts";

/** What is frozen, of which network. */
export interface FrozenSettings {
  readonly data: Pick<StepSettings["data"], "resolution">;
  readonly discriminator: Omit<StepSettings["discriminator"], "conditioning">;
}

/**
 * Names of the parameters that the first `discriminator.frozenBlocks` blocks are made of, from the
 * image on: all that the output of the last of these depends on.
 * @throws UserError when there are fewer blocks
 */
export function frozenParameters({ data, discriminator }: FrozenSettings): ReadonlySet<string> {
  const { frozenBlocks = 0, architecture } = discriminator;
  if (frozenBlocks === 0) return new Set();
  const trace = traceNetwork("discriminator", false);
  const images = input("images", [1, 3, data.resolution, data.resolution]);
  const { blocks } = DISCRIMINATORS[architecture].features(trace.scope, images, discriminator);
  const last = blocks[frozenBlocks - 1];
  if (!last)
    throw new UserError(
      `discriminator.frozenBlocks is ${frozenBlocks}, and ${architecture} has ${blocks.length} blocks.`,
      `Use ${blocks.length} at the most: then only the heads are trained.`,
    );
  const reached = new Set(topologicalOrder([last]));
  return new Set(trace.parameters.filter(({ leaf }) => reached.has(leaf)).map(({ name }) => name));
}

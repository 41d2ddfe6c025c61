/**
 * Whether both sides compute the same: a few steps from the same weights, with the same images and random numbers, must give the same
 * losses. Losses of later steps depend on the updates before, so that gradients and Adam are looked at too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOurs, runTorch, type Turn, type TurnResult } from "./processes.ts";

/** Steps that are compared. */
const STEPS = 2;
/**
 * Largest difference, relative to a loss of at least 1. From zero moments Adam goes a whole step of the learning rate for any gradient, so
 * that those near 0 go where rounding sends them; that moves later losses by some 1e-4. A forgotten term or factor moves them by far more.
 */
const ALLOWED = 2e-3;

/** The largest difference between the losses. @throws Error when it is not the same step, or not of the same networks */
export async function lossDifference(python: string, turn: Turn): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-bench-"));
  try {
    const file = join(folder, "steps.safetensors");
    const ours = await runOurs({ ...turn, warmup: 0, repeats: STEPS }, file);
    const theirs = await runTorch(python, turn, "contiguous", false, file);
    return compareSides(ours, theirs, turn.form);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The largest difference between the losses of two sides, relative. @throws Error when they do not compute the same */
export function compareSides(
  ours: Pick<TurnResult, "parameters" | "losses">,
  theirs: Pick<TurnResult, "parameters" | "losses">,
  name: string,
): number {
  const networks = ["generator", "discriminator"] as const;
  for (const network of networks)
    if (ours.parameters[network] !== theirs.parameters[network])
      throw new Error(
        `${name}: the ${network} has ${ours.parameters[network]} parameters here and ${theirs.parameters[network]} in PyTorch; nothing can be compared`,
      );
  if (ours.losses.length === 0 || ours.losses.length !== theirs.losses.length)
    throw new Error(`${name}: ${ours.losses.length} steps here and ${theirs.losses.length} in PyTorch`);
  const differences = ours.losses.flatMap((losses, step) =>
    networks.map(
      (network) =>
        Math.abs(losses[network] - theirs.losses[step]![network]) / Math.max(1, Math.abs(losses[network])),
    ),
  );
  const worst = Math.max(...differences);
  if (!(worst <= ALLOWED))
    throw new Error(
      `${name}: the losses of both sides differ by ${worst.toExponential(1)}; they do not compute the same step`,
    );
  return worst;
}

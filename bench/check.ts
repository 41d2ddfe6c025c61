/**
 * Whether both sides compute the same: a few steps from the same weights, with the same images and
 * random numbers, must give the same losses. Losses of later steps depend on the updates before, so
 * that gradients and Adam are looked at too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOurs, runTorch, type Turn, type TurnResult } from "./processes.ts";

/** In the order of their updates. */
const NETWORKS = ["discriminator", "generator"] as const;
/** Steps that are compared. */
const STEPS = 2;
/**
 * Largest difference of each loss in turn (D, G, D, G), relative to a loss of at least 1. The first
 * depends on the given weights alone. From zero moments Adam goes a whole step of the learning rate
 * for any gradient, so that weights with gradients near 0 go where rounding sends them: at full
 * width of resnet5 the last loss differs by 6e-3 between PyTorch's own two layouts. A forgotten
 * term or factor moves them all.
 */
const ALLOWED = [1e-4, 2e-3, 2e-3, 2e-2];

/**
 * The same where one side computes in bfloat16: it has 8 bits of each number in its maps, and at
 * the beginning what real and generated images want of the weights nearly cancels. A forgotten term
 * or factor still shows.
 */
const ALLOWED_ROUNDED = [2e-2, 0.1, 0.2, 0.3];

/** Largest differences of the losses from ours in float32, relative. */
export interface Differences {
  /** PyTorch in float32. */
  readonly torch: number;
  /** PyTorch in bfloat16. */
  readonly torchRounded: number;
  /** Ours in bfloat16; undefined where it cannot be had. */
  readonly ownRounded: number | undefined;
}

/**
 * How far our step and PyTorch's are apart in their losses, on the same batch.
 * @param native whether our steps in bfloat16 are compared too
 * @throws Error when it is not the same step, or not of the same networks
 */
export async function lossDifferences(python: string, turn: Turn, native: boolean): Promise<Differences> {
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-bench-"));
  try {
    const file = join(folder, "steps.safetensors");
    const steps = { ...turn, warmup: 0, repeats: STEPS };
    const ours = await runOurs(steps, { record: file });
    const compare = (other: TurnResult, allowed?: readonly number[]): number =>
      compareSides(ours, other, turn.form, allowed);
    return {
      torch: compare(await runTorch(python, turn, "contiguous", false, file)),
      torchRounded: compare(await runTorch(python, turn, "bfloat16", false, file), ALLOWED_ROUNDED),
      ownRounded: native
        ? compare(await runOurs(steps, { precision: "bfloat16" }), ALLOWED_ROUNDED)
        : undefined,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The largest difference between the losses of two sides, relative.
 * @throws Error when they do not compute the same
 */
export function compareSides(
  ours: Pick<TurnResult, "parameters" | "losses">,
  theirs: Pick<TurnResult, "parameters" | "losses">,
  name: string,
  allowed: readonly number[] = ALLOWED,
): number {
  for (const network of NETWORKS)
    if (ours.parameters[network] !== theirs.parameters[network])
      throw new Error(
        `${name}: the ${network} has ${ours.parameters[network]} parameters here and ${theirs.parameters[network]} in PyTorch; nothing can be compared`,
      );
  if (ours.losses.length !== STEPS || ours.losses.length !== theirs.losses.length)
    throw new Error(`${name}: ${ours.losses.length} steps here and ${theirs.losses.length} in PyTorch`);
  const differences = ours.losses.flatMap((losses, step) =>
    NETWORKS.map(
      (network) =>
        Math.abs(losses[network] - theirs.losses[step]![network]) / Math.max(1, Math.abs(losses[network])),
    ),
  );
  const off = differences.findIndex((difference, i) => !(difference <= allowed[i]!));
  if (off >= 0)
    throw new Error(
      `${name}: loss ${off + 1} of both sides differs by ${differences[off]!.toExponential(1)}; they do not compute the same step`,
    );
  return Math.max(...differences);
}

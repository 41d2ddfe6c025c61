/** Measures one form and size: both sides in turn, several times, so that what else the machine does falls on both. */
import { type StepArithmetic, stepArithmetic } from "./arithmetic.ts";
import { lossDifference } from "./check.ts";
import type { Options } from "./options.ts";
import {
  LAYOUTS,
  type Layout,
  type OurResult,
  runOurs,
  runTorch,
  type TorchResult,
  type Turn,
} from "./processes.ts";
import { benchSettings, type Form, type Size, sizeName } from "./settings.ts";
import { sgemm } from "./sgemm.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { firstStepSeconds, helpSeconds } from "./start.ts";

/** One side: its steps over all rounds, and its memory (the median of the rounds' peaks). */
export interface Side {
  readonly seconds: Spread;
  readonly memoryMB: number;
}

export interface SizeResult {
  readonly form: Form;
  readonly size: Size;
  readonly ours: Side & {
    readonly compileSeconds: Readonly<Record<string, number>>;
    readonly engine: string;
    readonly block: number;
  };
  readonly torch: Readonly<Record<Layout, Side>> | undefined;
  /** Largest difference between the losses of both sides over a few steps from the same weights, relative; undefined without PyTorch. */
  readonly difference: number | undefined;
  readonly arithmetic: StepArithmetic;
  /** Billions of operations a second of the fastest matrix product, median over the rounds. */
  readonly peak: number;
  /** The same by product. */
  readonly sgemm: Readonly<Record<string, number>>;
}

/** Billions of operations up to which a turn has five steps, and three. The paper's width takes PyTorch 7 to 20 s a step on two cores. */
const SHORT = 60;
const MIDDLING = 250;

/** Steps in one turn: more where they are short. */
function stepsInTurn({ folded }: StepArithmetic, quick: boolean): number {
  return quick ? 1 : folded <= SHORT ? 5 : folded <= MIDDLING ? 3 : 1;
}

/** Take turns. @param python an interpreter that has PyTorch, or undefined to leave it out */
export async function measureSize(
  form: Form,
  size: Size,
  options: Options,
  python: string | undefined,
  progress: (text: string) => void,
): Promise<SizeResult> {
  const arithmetic = stepArithmetic(benchSettings(form, size.generator, size.discriminator));
  const turn: Turn = {
    form,
    size,
    warmup: 1,
    repeats: stepsInTurn(arithmetic, options.quick),
    threads: options.threads,
  };
  const name = `${form} ${sizeName(size)}`;
  if (python) progress(`${name}: the same steps on both sides`);
  const difference = python ? await lossDifference(python, turn) : undefined;
  const ours: OurResult[] = [];
  const theirs: Record<Layout, TorchResult[]> = { contiguous: [], channels_last: [] };
  const speeds: Record<string, number>[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const label = `${name}, round ${round} of ${options.rounds}`;
    progress(`${label}: matrix products`);
    speeds.push(await sgemm(turn.threads));
    const sides: [string, () => Promise<unknown>][] = [
      ["ours", async () => ours.push(await runOurs(turn))],
      ...(python ? LAYOUTS : []).map((layout): [string, () => Promise<unknown>] => [
        `PyTorch ${layout}`,
        async () => theirs[layout].push(await runTorch(python!, turn, layout, options.turnedFakes)),
      ]),
    ];
    // Another one begins each round.
    const first = round % sides.length;
    for (const [name, measure] of [...sides.slice(first), ...sides.slice(0, first)]) {
      progress(`${label}: ${name}`);
      await measure();
    }
  }
  const sgemmSpeeds = Object.fromEntries(
    Object.keys(speeds[0]!).map((name) => [name, spreadOf(speeds.map((s) => s[name]!)).median]),
  );
  const { engine, block } = ours[0]!;
  return {
    form,
    size,
    ours: { ...side(ours), compileSeconds: medians(ours.map((r) => r.compileSeconds)), engine, block },
    torch: python
      ? { contiguous: side(theirs.contiguous), channels_last: side(theirs.channels_last) }
      : undefined,
    difference,
    arithmetic,
    peak: Math.max(...Object.values(sgemmSpeeds)),
    sgemm: sgemmSpeeds,
  };
}

const side = (turns: readonly { seconds: readonly number[]; peakMemoryMB: number }[]): Side => ({
  seconds: spreadOf(turns.flatMap((t) => t.seconds)),
  memoryMB: spreadOf(turns.map((t) => t.peakMemoryMB)).median,
});

const medians = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(all[0]!).map((name) => [name, spreadOf(all.map((one) => one[name]!)).median]),
  );

/** What a user waits for. */
export interface StartResult {
  readonly firstStep: Spread;
  readonly help: Spread;
}

/** Time the commands. */
export async function measureStart(quick: boolean): Promise<StartResult> {
  return {
    help: spreadOf(await helpSeconds(quick ? 2 : 7)),
    firstStep: spreadOf(await firstStepSeconds(quick ? 1 : 5)),
  };
}

/**
 * Measures one form and size: both sides in turn, several times, so that what else the machine does
 * falls on both.
 */
import { type StepArithmetic, stepArithmetic } from "./arithmetic.ts";
import { type Differences, lossDifferences } from "./check.ts";
import { type MedianAndRange, medianAndRange } from "./median.ts";
import type { Options } from "./options.ts";
import {
  type OurResult,
  runOurs,
  runTorch,
  TORCH_SIDES,
  type TorchResult,
  type TorchSide,
  type Turn,
} from "./processes.ts";
import { benchSettings, type Form, type Size, sizeName } from "./settings.ts";
import { sgemm } from "./sgemm.ts";
import { firstStepSeconds, helpSeconds } from "./start.ts";

/** One side: its steps over all rounds, and its memory (the median of the rounds' peaks). */
export interface Side {
  readonly seconds: MedianAndRange;
  readonly memoryMB: number;
}

/** One of our sides. */
export interface OurSide extends Side {
  readonly compileSeconds: Readonly<Record<string, number>>;
  readonly engine: string;
  readonly block: number;
}

export interface SizeResult {
  readonly form: Form;
  readonly size: Size;
  /** In float32, on ONNX Runtime. */
  readonly ours: OurSide;
  /** In bfloat16, on oneDNN; undefined where it cannot be had. */
  readonly native: OurSide | undefined;
  readonly torch: Readonly<Record<TorchSide, Side>> | undefined;
  /** Of the losses over a few steps from the same weights; undefined without PyTorch. */
  readonly differences: Differences | undefined;
  readonly arithmetic: StepArithmetic;
  /** Billions of operations a second of the fastest matrix product, median over the rounds. */
  readonly peak: number;
  /** The same by product. */
  readonly sgemm: Readonly<Record<string, number>>;
}

/**
 * Billions of operations up to which a turn has five steps, and three. The paper's width takes
 * PyTorch 7 to 20 s a step on two cores.
 */
const SHORT = 60;
const MIDDLING = 250;

/** Steps in one turn: more where they are short. */
function stepsInTurn({ folded }: StepArithmetic, quick: boolean): number {
  return quick ? 1 : folded <= SHORT ? 5 : folded <= MIDDLING ? 3 : 1;
}

/** What is there to be measured. */
export interface Peers {
  /** An interpreter that has PyTorch. */
  readonly python: string | undefined;
  /** Whether our steps can be computed in bfloat16. */
  readonly native: boolean;
}

/** Measure all forms of one size in turns, so that all see the same machine. */
export async function measureSize(
  form: Form,
  size: Size,
  options: Options,
  { python, native }: Peers,
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
  const differences = python ? await lossDifferences(python, turn, native) : undefined;
  const ours: Record<"float32" | "bfloat16", OurResult[]> = { float32: [], bfloat16: [] };
  const theirs: Record<TorchSide, TorchResult[]> = { contiguous: [], channels_last: [], bfloat16: [] };
  const torchSides = Object.keys(TORCH_SIDES) as TorchSide[];
  const precisions = native ? (["float32", "bfloat16"] as const) : (["float32"] as const);
  const speeds: Record<string, number>[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const label = `${name}, round ${round} of ${options.rounds}`;
    progress(`${label}: matrix products`);
    speeds.push(await sgemm(turn.threads));
    const sides: [string, () => Promise<unknown>][] = [
      ...precisions.map((precision): [string, () => Promise<unknown>] => [
        `ours, ${precision}`,
        async () => ours[precision].push(await runOurs(turn, { precision })),
      ]),
      ...(python ? torchSides : []).map((one): [string, () => Promise<unknown>] => [
        `PyTorch ${one}`,
        async () => theirs[one].push(await runTorch(python!, turn, one, options.turnedFakes)),
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
    Object.keys(speeds[0]!).map((name) => [name, medianAndRange(speeds.map((s) => s[name]!)).median]),
  );
  return {
    form,
    size,
    ours: ourSide(ours.float32),
    native: native ? ourSide(ours.bfloat16) : undefined,
    torch: python
      ? {
          contiguous: side(theirs.contiguous),
          channels_last: side(theirs.channels_last),
          bfloat16: side(theirs.bfloat16),
        }
      : undefined,
    differences,
    arithmetic,
    peak: Math.max(...Object.values(sgemmSpeeds)),
    sgemm: sgemmSpeeds,
  };
}

const side = (turns: readonly { seconds: readonly number[]; peakMemoryMB: number }[]): Side => ({
  seconds: medianAndRange(turns.flatMap((t) => t.seconds)),
  memoryMB: medianAndRange(turns.map((t) => t.peakMemoryMB)).median,
});

function ourSide(turns: readonly OurResult[]): OurSide {
  const { engine, block } = turns[0]!;
  return { ...side(turns), compileSeconds: medians(turns.map((r) => r.compileSeconds)), engine, block };
}

const medians = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(all[0]!).map((name) => [name, medianAndRange(all.map((one) => one[name]!)).median]),
  );

/** What a user waits for. */
export interface StartResult {
  readonly firstStep: MedianAndRange;
  readonly help: MedianAndRange;
}

/** Time the commands. */
export async function measureStart(quick: boolean): Promise<StartResult> {
  return {
    help: medianAndRange(await helpSeconds(quick ? 2 : 7)),
    firstStep: medianAndRange(await firstStepSeconds(quick ? 1 : 5)),
  };
}

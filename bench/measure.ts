/** Measures one form and size: both sides in turn, several times, so that what else the machine does falls on both. */
import { type StepArithmetic, stepArithmetic } from "./arithmetic.ts";
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
import { benchSettings, type Form, type Size } from "./settings.ts";
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
  readonly arithmetic: StepArithmetic;
  /** Billions of operations a second of the fastest matrix product, median over the rounds. */
  readonly peak: number;
  /** The same by product. */
  readonly sgemm: Readonly<Record<string, number>>;
}

/** Steps in one turn: more where they are short. The paper's width takes PyTorch about 20 s a step on two cores. */
function stepsInTurn(size: Size, quick: boolean): number {
  const work = size.generator * size.discriminator;
  return quick ? 1 : work <= 32 * 32 ? 5 : work <= 64 * 64 ? 3 : 1;
}

/** Take turns. @param python an interpreter that has PyTorch, or undefined to leave it out */
export async function measureSize(
  form: Form,
  size: Size,
  options: Options,
  python: string | undefined,
  progress: (text: string) => void,
): Promise<SizeResult> {
  const turn: Turn = {
    form,
    size,
    warmup: 1,
    repeats: stepsInTurn(size, options.quick),
    threads: options.threads,
  };
  const ours: OurResult[] = [];
  const theirs: Record<Layout, TorchResult[]> = { contiguous: [], channels_last: [] };
  const speeds: Record<string, number>[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const label = `${form} ${size.generator}/${size.discriminator}, round ${round} of ${options.rounds}`;
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
  const same = [...theirs.contiguous, ...theirs.channels_last].every(
    ({ parameters: p }) =>
      p.generator === ours[0]!.parameters.generator && p.discriminator === ours[0]!.parameters.discriminator,
  );
  if (!same)
    throw new Error(`${form}: the two sides have different numbers of parameters; nothing can be compared`);

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
    arithmetic: stepArithmetic(benchSettings(form, size.generator, size.discriminator)),
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

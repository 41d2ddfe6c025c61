/**
 * Which of the engines that somebody leaves open trains fastest on this machine as it is now, by
 * measured steps.
 */
import { UserError } from "../../base/errors.ts";
import { formatDuration } from "../../base/text/format/index.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Speed } from "../../training/estimate.ts";
import type { Report } from "../context.ts";

/** What is open, and how it is tried. */
export interface EngineTrial {
  /**
   * The engine as the configuration has it: float32, all threads unless the user named a number.
   */
  readonly engine: Engine;
  /** Whether the number of threads is open. */
  readonly freeThreads: boolean;
  /** Whether the precision is open. */
  readonly freePrecision: boolean;
  /** Open another one. @throws UserError where there is none here */
  readonly open: (other: { readonly threads: number; readonly precision?: "bfloat16" }) => Promise<Engine>;
  readonly measure: (engine: Engine) => Promise<Speed>;
  readonly report: Report;
}

/** The engine that was chosen; the others are closed. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly speed: Speed;
  /** What of the configuration follows, and why. */
  readonly values: readonly { readonly path: string; readonly value: unknown; readonly reason: string }[];
}

/**
 * How many times as fast bfloat16 has to be to be taken: at the same number of steps its images
 * were a little worse, at the same time far better (docs/performance.md).
 */
const WORTH_ROUNDING = 1.5;

/** An engine that was tried. */
type Tried = Pick<ChosenEngine, "engine" | "speed">;

/** A choice, and what the user should know of it. */
type Choice = ChosenEngine & { readonly warning?: string };

/**
 * Try the engines of this machine on steps of the run, and keep the fastest open.
 * @throws what a trial throws; all engines that it has opened are closed then
 */
export async function fastestEngine(trial: EngineTrial): Promise<ChosenEngine> {
  const { engine, measure } = trial;
  if (engine.target.provider !== "cpu") return { ...(await tryOut(engine, measure)), values: [] };
  const opened: Engine[] = [];
  const open: EngineTrial["open"] = async (other) => {
    const one = await trial.open(other);
    opened.push(one);
    return one;
  };
  try {
    const { warning, ...chosen } = await choose({ ...trial, open });
    for (const one of [engine, ...opened]) if (one !== chosen.engine) await one.close();
    if (warning !== undefined) void trial.report({ kind: "warning", message: warning });
    return chosen;
  } catch (error) {
    for (const one of opened) await one.close();
    throw error;
  }
}

const tryOut = async (engine: Engine, measure: EngineTrial["measure"]): Promise<Tried> => ({
  engine,
  speed: await measure(engine),
});

async function choose(trial: EngineTrial): Promise<Choice> {
  const exact = await withBestThreads(trial, trial.engine);
  const rounded = trial.freePrecision ? await roundedLike(trial, exact.engine) : undefined;
  if (!rounded || rounded.speed.stepSeconds * WORTH_ROUNDING > exact.speed.stepSeconds) return exact;
  const reason = `${stepOf(rounded)} a step; ${stepOf(exact)} in float32`;
  // The threads that suit it may be fewer than those that suit float32, and never more.
  const { values, warning } = rounded.values.length > 0 ? rounded : exact;
  const precision = { path: "engine.precision", value: "bfloat16", reason };
  return { ...rounded, values: [...values, precision], ...(warning !== undefined && { warning }) };
}

/**
 * The fastest engine in bfloat16 with as many threads at the most as suit float32: where one is
 * faster in float32, several would be slower still in bfloat16, where they meet more often.
 * Undefined where there is none.
 */
async function roundedLike(trial: EngineTrial, { threads }: Engine): Promise<Choice | undefined> {
  const precision = "bfloat16";
  let engine: Engine;
  try {
    engine = await trial.open({ threads, precision });
  } catch (error) {
    // Most machines have no instructions for it, or no library: nothing is lost.
    if (error instanceof UserError) return undefined;
    throw error;
  }
  return withBestThreads({ ...trial, open: (other) => trial.open({ ...other, precision }) }, engine);
}

const stepOf = ({ speed }: Tried): string => formatDuration(speed.stepSeconds);

/**
 * On a busy machine threads wait for each other: one may be faster than all.
 * @param all with all threads
 */
async function withBestThreads({ measure, open, freeThreads }: EngineTrial, all: Engine): Promise<Choice> {
  const many = await tryOut(all, measure);
  if (all.threads === 1 || !freeThreads) return { ...many, values: [] };
  const one = await tryOut(await open({ threads: 1 }), measure);
  if (one.speed.stepSeconds >= many.speed.stepSeconds) return { ...many, values: [] };
  const [short, long] = [one, many].map(stepOf);
  return {
    ...one,
    values: [{ path: "engine.threads", value: 1, reason: `${short} a step; ${long} with ${all.threads}` }],
    warning: `Other programs take the cores of this machine: a step takes ${short} with 1 thread and ${long} with ${all.threads}. One thread is used.`,
  };
}

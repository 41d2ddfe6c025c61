/** Which of the engines that somebody leaves open trains fastest on this machine as it is now, by measured steps. */
import { UserError } from "../../base/errors.ts";
import { formatDuration } from "../../base/format.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Speed } from "../../training/estimate.ts";
import type { Report } from "../context.ts";

/** What is open, and how it is tried. */
export interface EngineTrial {
  /** The engine as the configuration has it: float32, all threads unless the user named a number. */
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
 * How many times as fast bfloat16 has to be to be taken: at the same number of steps its images were
 * a little worse, at the same time far better (docs/performance.md).
 */
export const WORTH_ROUNDING = 1.5;

/** Try them. @throws what a trial throws; all engines that it has opened are closed then */
export async function fastestEngine(trial: EngineTrial): Promise<ChosenEngine> {
  const { engine, measure, report, freeThreads, freePrecision } = trial;
  if (engine.target.provider !== "cpu") return { engine, speed: await measure(engine), values: [] };
  const opened = new Set<Engine>();
  const open: EngineTrial["open"] = async (other) => {
    const one = await trial.open(other);
    opened.add(one);
    return one;
  };
  try {
    const exact = await withBestThreads({ ...trial, open }, {}, engine);
    // Where one thread is faster in float32, several would be slower still in bfloat16: they meet more often.
    const all = { threads: exact.engine.threads };
    const rounded = freePrecision
      ? await open({ ...all, precision: "bfloat16" }).then(
          (one) => withBestThreads({ ...trial, open }, { precision: "bfloat16" }, one),
          (error: unknown) => {
            // Most machines have no instructions for it, or no library: nothing is lost.
            if (error instanceof UserError) return undefined;
            throw error;
          },
        )
      : undefined;
    const worth = rounded && rounded.speed.stepSeconds * WORTH_ROUNDING <= exact.speed.stepSeconds;
    const chosen = worth ? rounded : exact;
    for (const one of new Set([engine, ...opened])) if (one !== chosen.engine) await one.close();

    const values = [];
    const step = ({ stepSeconds }: Speed): string => formatDuration(stepSeconds);
    if (freeThreads && chosen.engine.threads < engine.threads) {
      const compared = chosen.others ? chosen : exact;
      const [one, many] = [compared.speed, compared.others!].map(step);
      void report({
        kind: "warning",
        message: `Other programs take the cores of this machine: a step takes ${one} with 1 thread and ${many} with ${engine.threads}. One thread is used.`,
      });
      values.push({
        path: "engine.threads",
        value: 1,
        reason: `${one} a step; ${many} with ${engine.threads}`,
      });
    }
    if (worth)
      values.push({
        path: "engine.precision",
        value: "bfloat16",
        reason: `${step(rounded.speed)} a step; ${step(exact.speed)} in float32`,
      });
    return { engine: chosen.engine, speed: chosen.speed, values };
  } catch (error) {
    for (const one of opened) await one.close();
    throw error;
  }
}

/** An engine with the number of threads that suits it, and what the other number takes. */
interface Threaded {
  readonly engine: Engine;
  readonly speed: Speed;
  readonly others?: Speed;
}

/** On a busy machine threads wait for each other: one may be faster than all. @param all with all threads */
async function withBestThreads(
  { measure, open, freeThreads }: EngineTrial,
  precision: { readonly precision?: "bfloat16" },
  all: Engine,
): Promise<Threaded> {
  const speed = await measure(all);
  if (all.threads === 1 || !freeThreads) return { engine: all, speed };
  const engine = await open({ threads: 1, ...precision });
  const alone = await measure(engine);
  return alone.stepSeconds < speed.stepSeconds
    ? { engine, speed: alone, others: speed }
    : { engine: all, speed, others: alone };
}

/**
 * `auto`: which of several devices trains fastest, by trying. A trial step is what training
 * consists of: convolutions over a batch of feature maps, their gradients by image and by kernel,
 * and an update of state that stays where the device keeps it.
 */

import { randomStream } from "../../base/random.ts";
import { formatDuration } from "../../base/text/format/index.ts";
import {
  compile,
  conv2d,
  gradients,
  input,
  mean,
  mul,
  relu,
  sizeOf,
  sub,
  type Target,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import type { Engine } from "../engine.ts";
import type { DeviceChoice, RealDevice } from "./devices.ts";

/**
 * Images [16, 3, 32, 32] and maps of 64 channels: a middling network, four billion operations,
 * about 40 ms on two cores.
 */
const TRIAL = { batch: 16, side: 32, channels: 64 } as const;
/** Changed whenever what is measured changes: earlier results do not count then. */
export const BENCHMARK_VERSION = 1;
const RUNS = 3;

/** The trial step for a batch. */
function trialProgram(target: Target, batch: number): Program {
  const { side, channels } = TRIAL;
  const images = input("images", [batch, 3, side, side]);
  const first = input("first", [channels, 3, 3, 3]);
  const second = input("second", [channels, channels, 3, 3]);
  const maps = relu(conv2d(images, first, undefined, { padding: 1 }));
  const activations = relu(conv2d(maps, second, undefined, { padding: 1 }));
  const loss = mean(mul(activations, activations));
  const [byFirst, bySecond] = gradients(loss, [first, second]);
  const state = { "trial/first": first, "trial/second": second };
  return compile(
    {
      name: `trial step of ${batch}`,
      feeds: { images },
      reads: state,
      writes: {
        "trial/first": sub(first, mul(byFirst!, 0.01)),
        "trial/second": sub(second, mul(bySecond!, 0.01)),
      },
      results: { loss },
    },
    target,
  );
}

/**
 * Milliseconds of a trial step, the best of a few, after one that also allocates and compiles.
 * @param limit a device that takes longer for one image is given up
 * @returns undefined for a device that was given up
 */
export async function benchmarkDevice(
  engine: Engine,
  limit = Number.POSITIVE_INFINITY,
): Promise<number | undefined> {
  if (limit < Number.POSITIVE_INFINITY && (await measure(engine, 1, limit)) > limit) return undefined;
  return measure(engine, TRIAL.batch);
}

/**
 * Milliseconds of a step for a batch; measuring ends with the first that takes longer than `limit`.
 */
async function measure(engine: Engine, batch: number, limit?: number): Promise<number> {
  const program = trialProgram(engine.target, batch);
  const stream = randomStream(batch, "trial");
  const values = (shape: readonly number[], scale: number): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, () => scale * stream.normal());
  await engine.writeState(
    Object.fromEntries(program.reads.map(({ name, shape }) => [name, values(shape, 0.05)])),
  );
  const feeds = { images: values(program.feeds[0]!.shape, 1) };
  const executable = await engine.compile(program);
  try {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= RUNS; run++) {
      const started = performance.now();
      const { loss } = await executable.run(feeds);
      if (!Number.isFinite(loss![0] as number)) throw new Error("the trial step gave no number");
      if (run > 0) best = Math.min(best, performance.now() - started);
      if (run > 0 && limit !== undefined && best > limit) break;
    }
    return best;
  } finally {
    await executable.release();
  }
}

/** What a device did in its trial: milliseconds of a step, or why there are none. */
export type DeviceBenchmark =
  | { readonly device: RealDevice; readonly milliseconds: number }
  | { readonly device: RealDevice; readonly failure: string };

/**
 * Why a device was not tried at all: its driver or libraries are missing, or it is. What `doctor`
 * explains.
 */
export const NOT_USABLE = "not usable";

/**
 * Let a device do its trial in an engine that `open` makes and that is closed again.
 * @param limit as `benchmarkDevice` has it
 */
export async function tryDevice(
  device: RealDevice,
  open: () => Promise<Engine>,
  limit?: number,
): Promise<DeviceBenchmark> {
  let engine: Engine | undefined;
  try {
    engine = await open();
    const milliseconds = await benchmarkDevice(engine, limit);
    return milliseconds === undefined ? { device, failure: "slower" } : { device, milliseconds };
  } catch {
    return { device, failure: NOT_USABLE };
  } finally {
    await engine?.close();
  }
}

/**
 * Another device must be that much faster than the CPU, which needs no driver and resumes bit for
 * bit.
 */
const WORTHWHILE = 1.2;

/**
 * The device to take, and why. Without a device beside the CPU that finished its trial, the CPU.
 */
export function pickFastest(results: readonly DeviceBenchmark[]): DeviceChoice {
  const measured = results.filter((result) => "milliseconds" in result);
  const cpu = measured.find(({ device }) => device === "cpu");
  const others = measured.filter(({ device }) => device !== "cpu");
  const best = others.toSorted((a, b) => a.milliseconds - b.milliseconds)[0];
  const told = results.flatMap((result) => {
    if ("milliseconds" in result) return [`${result.device} ${formatDuration(result.milliseconds / 1000)}`];
    return result.failure === NOT_USABLE ? [] : [`${result.device} ${result.failure}`];
  });
  const faster = best && (!cpu || best.milliseconds * WORTHWHILE < cpu.milliseconds);
  const reason =
    told.length > 0 ? `auto, by a trial step: ${told.join(", ")}` : "auto: no device could be tried";
  return { device: faster ? best.device : "cpu", reason };
}

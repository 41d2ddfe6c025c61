/**
 * `npm run bench:features`: features of Inception-v3 against the same network in PyTorch, the sides
 * alternately, in one run. The weights come from a formula on both sides; that both compute the
 * same is part of the measurement.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { availableThreads } from "../src/engine/devices/cpu.node.ts";
import { createInThreadEngine } from "../src/engine/node.node.ts";
import { INCEPTION_SIDE, INCEPTION_VARIANTS, inception } from "../src/metrics/features/inception.ts";
import { inceptionWeights } from "../src/metrics/features/inception-weights.ts";
import { formulaWeights, noise } from "../src/metrics/features/testing/formula-weights.ts";
import { writeFeatureModel } from "../src/metrics/features/write-model.ts";
import { medianAndRange } from "./median.ts";
import { findTorch, INSTALL_TORCH, LAYOUTS, type Layout, ROOT, runJson } from "./processes.ts";

interface Turn {
  readonly seconds: readonly number[];
  /** The first numbers of the first image's features. */
  readonly sample: readonly number[];
  readonly peakMemoryMB: number;
}
type Side = "quarterturn" | Layout;

const LABELS: Readonly<Record<Side, string>> = {
  quarterturn: "quarterturn",
  contiguous: "PyTorch",
  channels_last: "PyTorch, channels last",
};
/** Largest difference between the two sides, relative to the largest feature. */
const ALLOWED = 1e-4;

const { values } = parseArgs({
  options: {
    batch: { type: "string", default: "32" },
    rounds: { type: "string", default: "3" },
    repeats: { type: "string", default: "2" },
    threads: { type: "string" },
    json: { type: "string" },
  },
});
const [batch, rounds, repeats] = [Number(values.batch), Number(values.rounds), Number(values.repeats)];
const threads = Number(values.threads ?? availableThreads());

async function writeInputs(folder: string): Promise<{ readonly path: string; readonly images: string }> {
  const weights = inceptionWeights(formulaWeights("inception"), "inception", "the formula");
  const engine = await createInThreadEngine({ device: "cpu", threads });
  const model = await writeFeatureModel(
    {
      name: "inception",
      side: INCEPTION_SIDE,
      network: (scope, x) => inception(scope, x, INCEPTION_VARIANTS.inception),
      weights: (owned) => weights.get(owned.name)!,
      metadata: {},
    },
    engine,
  );
  await engine.close();
  const [path, images] = [join(folder, "inception.onnx"), join(folder, "images.bin")];
  await writeFile(path, model);
  await writeFile(
    images,
    Uint8Array.from(noise(batch * 3 * INCEPTION_SIDE ** 2, 1), (v) => {
      const level = Math.fround(v * 127.5) + 127.5;
      return level % 1 === 0.5 ? 2 * Math.round(level / 2) : Math.round(level);
    }),
  );
  return { path, images };
}

async function main(): Promise<void> {
  const python = await findTorch();
  if (!python) throw new Error(`PyTorch is missing: ${INSTALL_TORCH}`);
  const load = loadavg()[0]!;
  console.log(
    `${cpus()[0]?.model ?? "unknown"}, ${threads} threads, load before ${load.toFixed(1)}, batch ${batch}`,
  );
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-bench-"));
  try {
    const inputs = await writeInputs(folder);
    const common = { batch, warmup: 1, repeats, threads };
    const turns: Record<Side, Turn[]> = { quarterturn: [], contiguous: [], channels_last: [] };
    for (let round = 0; round < rounds; round++) {
      console.error(`… round ${round + 1} of ${rounds}`);
      const ours = JSON.stringify({ ...inputs, ...common });
      turns.quarterturn.push(
        (await runJson(process.execPath, [join(ROOT, "bench", "extract.js"), ours])) as Turn,
      );
      for (const layout of LAYOUTS) {
        const options = Object.entries({ ...common, "memory-format": layout });
        const args = options.flatMap(([name, value]) => [`--${name}`, String(value)]);
        const script = join(ROOT, "bench", "pytorch", "features.py");
        turns[layout].push((await runJson(python, [script, ...args])) as Turn);
      }
    }
    report(turns);
    if (values.json)
      await writeFile(values.json, `${JSON.stringify({ load, threads, batch, turns }, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report(turns: Readonly<Record<Side, readonly Turn[]>>): void {
  const seconds = (side: Side) => medianAndRange(turns[side].flatMap((turn) => turn.seconds));
  const own = seconds("quarterturn").median;
  for (const side of Object.keys(turns) as Side[]) {
    const { median, min, max } = seconds(side);
    const memory = Math.max(...turns[side].map((turn) => turn.peakMemoryMB));
    console.log(
      `${LABELS[side].padEnd(24)} ${(batch / median).toFixed(1).padStart(6)} images/s   ${median.toFixed(2)} s a batch ` +
        `(${min.toFixed(2)}–${max.toFixed(2)})   ${Math.round(memory)} MB   ${(median / own).toFixed(2)}×`,
    );
  }
  const [a, b] = [turns.quarterturn[0]!.sample, turns.contiguous[0]!.sample];
  const scale = Math.max(...b.map(Math.abs));
  const difference = Math.max(...b.map((value, i) => Math.abs(value - a[i]!))) / scale;
  console.log(`largest difference between the features, relative: ${difference.toExponential(1)}`);
  if (difference > ALLOWED) throw new Error("The two sides do not compute the same network.");
}

await main();

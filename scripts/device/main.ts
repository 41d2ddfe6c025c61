/**
 * Everything there is to know of a graphics card for this program, in a quarter of an hour and by
 * one command:
 *
 *     npm ci && npm run build && npx tsx scripts/device/main.ts [--out device.json] [--minutes 14] [--software]
 *
 * The machine and its driver; which devices start; every primitive and ten steps of training
 * against the CPU (test/browser/webgpu-native.test.ts); seconds a step on the card at four sizes
 * beside PyTorch on CUDA, where that is there; where the time of a step goes, by operator. Each
 * part is printed and written as soon as it is known, and a part that fails says why and does not
 * end the others. `--software` takes SwiftShader, to see that the script works; its times mean
 * nothing.
 */
import { type SpawnOptions, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findTorch } from "../../bench/processes.ts";
import { benchSettings, type Form, sizeName } from "../../bench/settings.ts";
import { prepareGpu } from "../../test/support/gpu.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: "device.json" },
    minutes: { type: "string", default: "14" },
    software: { type: "boolean", default: false },
  },
});
const ends = Date.now() + Number(values.minutes) * 60_000;
const left = (): number => Math.max(0, ends - Date.now());
const found: Record<string, unknown> = { date: new Date().toISOString(), software: values.software };

/**
 * What a command printed, and how it ended; it is ended after `limit` milliseconds or when the time
 * is over.
 */
function run(command: string, args: readonly string[], limit: number, options: SpawnOptions = {}) {
  return new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>(
    (done) => {
      const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], ...options });
      let [stdout, stderr] = ["", ""];
      child.stdout!.on("data", (text: Buffer) => (stdout += text));
      child.stderr!.on("data", (text: Buffer) => (stderr += text));
      const timer = setTimeout(() => child.kill("SIGKILL"), Math.min(limit, left()));
      child.on("error", (error) => done({ code: null, stdout, stderr: error.message }));
      child.on("close", (code) => {
        clearTimeout(timer);
        done({ code, stdout, stderr });
      });
    },
  );
}

/** Do a part, print it, keep it. */
async function part(name: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const result =
    left() === 0
      ? { skipped: "the time is over" }
      : await work().catch((error: unknown) => ({
          failed: error instanceof Error ? error.message : String(error),
        }));
  found[name] = result;
  console.log(
    `\n== ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)\n${JSON.stringify(result, null, 1)}`,
  );
  writeFileSync(resolve(values.out), `${JSON.stringify(found, null, 2)}\n`);
}

const lastLines = (text: string, count: number): string => text.trim().split("\n").slice(-count).join("\n");
const MINUTE = 60_000;

await part("machine", async () => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  nvidia: (
    await run(
      "nvidia-smi",
      ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"],
      MINUTE / 4,
    )
  ).stdout.trim(),
  vulkan: (await run("vulkaninfo", ["--summary"], MINUTE / 4)).stdout
    .split("\n")
    .filter((line) => /deviceName|driverInfo|apiVersion/.test(line))
    .map((line) => line.trim()),
}));

if (values.software) {
  const missing = await prepareGpu();
  if (missing) throw new Error(`--software: ${missing}`);
}
const own = { ...process.env, ...(!values.software && { QUARTERTURN_TEST_GPU: "own" }) };

await part("devices", async () => {
  const { stdout } = await run(process.execPath, ["bin/quarterturn.js", "doctor", "--json"], 2 * MINUTE, {
    env: own,
  });
  if (stdout === "") throw new Error("doctor did not end within two minutes");
  const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
  return checks.filter(({ name }) => name.startsWith("Device"));
});

await part("conformance", async () => {
  const args = ["vitest", "run", "test/browser/webgpu-native.test.ts"];
  const { code, stdout, stderr } = await run("npx", args, 4 * MINUTE, { env: own });
  return {
    passed: code === 0,
    said: lastLines(code === 0 ? stdout : `${stdout}\n${stderr}`, code === 0 ? 4 : 60),
  };
});

/** From the smallest up; the last is the largest network there is a preset for. */
const SIZES: readonly (readonly [Form, number, number])[] = [
  ["compare_gan", 32, 32],
  ["compare_gan", 64, 64],
  ["compare_gan", 256, 128],
  ["mimicry-128", 1024, 64],
];

/** Steps of which the median is taken. A driver in software gets one. */
const REPEATS = values.software ? 1 : 10;
const WARMUP = values.software ? 0 : 3;
const median = (seconds: readonly number[]): number =>
  [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;

/** The last line is the result; all before it is noise of drivers. */
async function stepSeconds(command: string, args: readonly string[]): Promise<object> {
  const { code, stdout, stderr } = await run(command, args, 1.5 * MINUTE);
  if (code !== 0)
    return { failed: code === null ? "ended after ninety seconds" : lastLines(stderr || stdout, 12) };
  const { seconds, losses } = JSON.parse(lastLines(stdout, 1)) as {
    readonly seconds: number[];
    readonly losses: unknown[];
  };
  return { seconds: median(seconds), fastest: Math.min(...seconds), lastLosses: losses.at(-1) };
}

const python = await findTorch();
for (const [form, generator, discriminator] of values.software ? SIZES.slice(0, 1) : SIZES)
  await part(`${form} ${sizeName({ generator, discriminator })}`, async () => {
    const settings = benchSettings(form, generator, discriminator);
    const ours = (device: string) =>
      stepSeconds(process.execPath, [
        join("bench", "step.js"),
        JSON.stringify({ settings, warmup: WARMUP, repeats: REPEATS, threads: 0, device }),
      ]);
    const { batchSize } = settings.training;
    const torch = (precision: string, layout: string) =>
      stepSeconds(python!, [
        ...["bench/pytorch/step.py", "--device", "cuda", "--form", form, "--precision", precision],
        ...["--g-width", generator, "--d-width", discriminator, "--batch", batchSize].map(String),
        ...["--rotated", settings.objective.rotatedBatch, "--resolution", settings.data.resolution].map(
          String,
        ),
        ...["--memory-format", layout, "--warmup", String(WARMUP), "--repeats", String(REPEATS)],
      ]);
    return {
      webgpu: await ours("webgpu"),
      cuda: values.software ? undefined : await ours("cuda"),
      ...(python && !values.software
        ? {
            "PyTorch CUDA float32": await torch("float32", "contiguous"),
            "PyTorch CUDA bfloat16, channels_last": await torch("bfloat16", "channels_last"),
          }
        : { PyTorch: python ? "left out with --software" : "not installed" }),
    };
  });

await part("time by operator", async () => {
  const { stdout, stderr, code } = await run(
    process.execPath,
    ["--import", "tsx", "scripts/device/operators.ts"],
    2 * MINUTE,
  );
  if (code !== 0) return { failed: lastLines(stderr || stdout, 12) };
  return JSON.parse(lastLines(stdout, 1)) as object;
});
console.log(`\nEverything: ${resolve(values.out)}`);

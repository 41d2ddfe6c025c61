/**
 * The two sides as child processes, each of which prints one JSON line. One after another, never
 * two at once.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { RealPrecision } from "../src/engine/sessions/precision.ts";
import { benchSettings, type Form, type Size } from "./settings.ts";

export const ROOT = join(import.meta.dirname, "..");

/** What a turn is to do. */
export interface Turn {
  readonly form: Form;
  readonly size: Size;
  readonly warmup: number;
  readonly repeats: number;
  readonly threads: number;
}

/** What both sides report. */
export interface TurnResult {
  /** Of each counted step (one D update and one G update). */
  readonly seconds: readonly number[];
  /** Highest resident memory of the whole process, in MiB. */
  readonly peakMemoryMB: number;
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  /** Of all steps in order, warm-up included. */
  readonly losses: readonly { readonly discriminator: number; readonly generator: number }[];
}
export interface OurResult extends TurnResult {
  readonly compileSeconds: Readonly<Record<string, number>>;
  readonly engine: string;
  readonly block: number;
}
export interface TorchResult extends TurnResult {
  readonly torch: string;
}

/** Memory layouts PyTorch can run in; `contiguous` is its default. */
export const LAYOUTS = ["contiguous", "channels_last"] as const;
export type Layout = (typeof LAYOUTS)[number];

/**
 * How PyTorch is timed: as it comes, in its faster layout, and as one writes it for speed on a
 * processor of today.
 */
export const TORCH_SIDES = {
  contiguous: { layout: "contiguous", precision: "float32" },
  channels_last: { layout: "channels_last", precision: "float32" },
  bfloat16: { layout: "channels_last", precision: "bfloat16" },
} as const satisfies Record<string, { layout: Layout; precision: RealPrecision }>;
export type TorchSide = keyof typeof TORCH_SIDES;

/**
 * What our steps compute with, and a file for the first weights and all that the steps are fed
 * with.
 */
export interface OurOptions {
  readonly precision?: RealPrecision;
  readonly record?: string;
}

/** Our training steps in a fresh process. */
export async function runOurs(
  turn: Turn,
  { precision = "float32", record }: OurOptions = {},
): Promise<OurResult> {
  const { warmup, repeats, threads } = turn;
  const settings = benchSettings(turn.form, turn.size.generator, turn.size.discriminator);
  const input = JSON.stringify({ settings, warmup, repeats, threads, precision, record });
  return (await runJson(process.execPath, [join(ROOT, "bench", "step.js"), input])) as OurResult;
}

/**
 * PyTorch's training steps in a fresh process.
 * @param check a file that `runOurs` recorded, whose steps are repeated
 */
export async function runTorch(
  python: string,
  turn: Turn,
  side: TorchSide,
  turnedFakes: boolean,
  check?: string,
): Promise<TorchResult> {
  const { layout, precision } = TORCH_SIDES[side];
  const settings = benchSettings(turn.form, turn.size.generator, turn.size.discriminator);
  const options = {
    form: turn.form,
    "g-width": turn.size.generator,
    "d-width": turn.size.discriminator,
    resolution: settings.data.resolution,
    batch: settings.training.batchSize,
    rotated: settings.objective.rotatedBatch,
    warmup: turn.warmup,
    repeats: turn.repeats,
    threads: turn.threads,
    "memory-format": layout,
    precision,
    ...(check !== undefined && { check }),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return (await runJson(python, [
    join(ROOT, "bench", "pytorch", "step.py"),
    ...args,
    ...(turnedFakes ? ["--turned-fakes"] : []),
  ])) as TorchResult;
}

/** How to get a missing peer. */
export const INSTALL_TORCH = "sudo apt-get install python3-torch   (or: python3 -m pip install torch)";

/**
 * A Python that has PyTorch, or undefined: `$PYTHON`, then the system's, whose packages are the
 * distribution's, then any.
 */
export async function findTorch(): Promise<string | undefined> {
  const candidates = [process.env.PYTHON, "/usr/bin/python3", "python3"];
  for (const python of candidates) {
    if (!python) continue;
    const { code } = await run(python, ["-c", "import torch"]);
    if (code === 0) return python;
  }
  return undefined;
}

/** How a process ended. */
export interface Finished {
  /** Exit code; −1 when it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** From before it was started until it had ended. */
  readonly seconds: number;
}

/** Run a program to its end. Never throws. */
export function run(
  program: string,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<Finished> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const end = (code: number, error = ""): void =>
      resolve({ code, stdout, stderr: stderr + error, seconds: (performance.now() - started) / 1000 });
    child.on("error", (error) => end(-1, error.message));
    child.on("close", (code) => end(code ?? -1));
  });
}

/** The JSON in the last line that a program prints. @throws Error when it fails */
export async function runJson(program: string, args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run(program, args);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !last.startsWith("{"))
    throw new Error(
      `${program} ${args[0]} ended with ${code}:\n${stderr.trim().split("\n").slice(-12).join("\n")}`,
    );
  return JSON.parse(last);
}

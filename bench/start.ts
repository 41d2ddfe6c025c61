/**
 * What a user waits for: `--help`, and the first training step with the data already packed. Real
 * commands, timed from outside.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "./processes.ts";

const COMMAND = join(ROOT, "bin", "quarterturn.js");

/** Seconds each of `times` runs of `quarterturn --help` took, from start to end of the process. */
export async function helpSeconds(times: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) {
    const finished = await run(process.execPath, [COMMAND, "--help"]);
    if (finished.code !== 0) throw new Error(`--help ended with ${finished.code}: ${finished.stderr}`);
    seconds.push(finished.seconds);
  }
  return seconds;
}

/**
 * Seconds from the start of `quarterturn train` (built-in data, `laptop` preset) to the end of its
 * first step, by the time written into the run's record. One run before makes sure that the data is
 * packed.
 */
export async function firstStepSeconds(times: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), "quarterturn-bench-"));
  try {
    const seconds: number[] = [];
    for (let i = 0; i <= times; i++) {
      const runFolder = join(folder, `run${i}`);
      const started = Date.now();
      const finished = await run(process.execPath, [COMMAND, "train", "--steps", "1", "--run", runFolder]);
      if (finished.code !== 0) throw new Error(`train ended with ${finished.code}: ${finished.stderr}`);
      const lines = (await readFile(join(runFolder, "metrics.jsonl"), "utf8")).trim().split("\n");
      const step = lines
        .map((line) => JSON.parse(line) as { kind: string; step: number; time: number })
        .find((event) => event.kind === "step" && event.step === 1);
      if (!step) throw new Error("train recorded no step");
      if (i > 0) seconds.push((step.time - started) / 1000);
    }
    return seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

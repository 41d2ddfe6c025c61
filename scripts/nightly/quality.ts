/**
 * The tiny form of the quality bench: the default recipe against what was the default before it, at
 * equal processor time on the built-in images. It is passed where the recipe's samples are nearer
 * to the images and no less varied.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const [BEFORE, NOW] = ["base", "hd-b16"] as const;

/** What the built-in features say of one side's averaged weights. */
interface Measured {
  readonly steps: number;
  readonly kid: number;
  readonly recall: number;
}

/** How it ended. */
export interface QualityResult {
  readonly passed: boolean;
  /** A sentence with the numbers. */
  readonly says: string;
}

/**
 * Run what is missing of it below `out`.
 * @param seconds of processor time for each side
 */
export function runQuality(out: string, seconds: number): QualityResult {
  const folder = join(out, "quality");
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...["--import", "tsx", join(ROOT, "bench/quality/main.ts"), "--out", folder, "--set", "emoji="],
      ...["--budget", String(seconds), "--sides", `${BEFORE},${NOW}`],
    ],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (status === 130) process.exit(130);
  const read = (side: string): Measured => {
    const file = join(folder, `emoji-32-${side}-s1-${seconds}.json`);
    const { steps, measured } = JSON.parse(readFileSync(file, "utf8"));
    return { steps, kid: measured.averaged.kid.mean, recall: measured.averaged.recall.mean };
  };
  try {
    const [before, now] = [read(BEFORE), read(NOW)];
    const show = ({ steps, kid, recall }: Measured): string =>
      `${steps} steps, KID ${kid.toFixed(3)}, recall ${recall.toFixed(3)}`;
    return {
      passed: now.kid < before.kid && now.recall >= before.recall,
      says: `${seconds} s of processor time each: the default before ${show(before)}; the recipe now ${show(now)}`,
    };
  } catch {
    return { passed: false, says: `the bench did not end well: ${stderr.trim().split("\n").at(-1) ?? ""}` };
  }
}

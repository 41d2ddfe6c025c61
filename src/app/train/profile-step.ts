/** Where the time of a training step goes, operator by operator. */
import { join } from "node:path";
import { requireWritable } from "../../base/disk/files.node.ts";
import type { ImageStore } from "../../data/index.node.ts";
import { createEngine } from "../../engine/node.node.ts";
import { profileFiles, summarizeProfile } from "../../engine/sessions/profile.node.ts";
import type { ProfileSummary } from "../../engine/sessions/profile.ts";
import { buildSteps } from "../../objectives/build.ts";
import type { Config } from "../../training/config/schema.ts";
import { measureSpeed } from "../../training/speed.ts";

/** Where the time of one program went. */
export interface ProgramProfile {
  /** The trace, for chrome://tracing or ui.perfetto.dev. */
  readonly file: string;
  readonly summary: ProfileSummary;
}

/**
 * Run a few steps under ONNX Runtime's profiler, on an engine of their own. Every program has a
 * session of its own then, so that a step may take longer than in training.
 * @param dir where the traces are written, one a program
 * @returns the programs that ran more than once, the slowest first
 * @throws UserError when nothing can be written there
 */
export async function profileSteps(
  config: Config,
  store: ImageStore,
  dir: string,
): Promise<ProgramProfile[]> {
  const prefix = join(dir, "step");
  await requireWritable(prefix);
  const before = new Set(profileFiles(prefix));
  const engine = await createEngine({ ...config.engine, profile: prefix });
  try {
    await measureSpeed(config, buildSteps(config, engine.target), engine, store);
  } finally {
    await engine.close();
  }
  return profileFiles(prefix)
    .filter((file) => !before.has(file))
    .map((file) => ({ file, summary: summarizeProfile(file) }))
    .filter(({ summary }) => summary.runs > 0)
    .sort((a, b) => b.summary.runMicroseconds - a.summary.runMicroseconds);
}

/** `auto` in browsers: every device takes a trial step, the fastest stays open. */
import { createInline } from "../inline.ts";
import type { Opened } from "../remote.ts";
import { measureTrial, NOT_USABLE, pickFastest, type TrialResult } from "../trial.ts";

/**
 * Open runtimes one after another, the CPU's first, and keep the fastest. One that fails is out of the race.
 * @throws what the first throws: without the CPU there is nothing
 */
export async function openFastest(openers: readonly (() => Promise<Opened>)[]): Promise<Opened> {
  const runtimes: Opened[] = [];
  const results: TrialResult[] = [];
  for (const open of openers) {
    const opened = await open().catch((error: unknown) => {
      if (runtimes.length === 0) throw error;
    });
    if (!opened) continue;
    runtimes.push(opened);
    results.push(await tryRuntime(opened, results[0]));
  }
  const { device, reason } = pickFastest(results);
  const chosen = runtimes.find(({ info }) => info.device === device)!;
  const { info } = chosen;
  return {
    ...chosen,
    info: { ...info, description: info.description.replace(device, `${device} (${reason})`) },
  };
}

async function tryRuntime(opened: Opened, first: TrialResult | undefined): Promise<TrialResult> {
  const { device } = opened.info;
  // Closing frees what the trial left behind; the runtime can be used again.
  const engine = await createInline(async () => opened);
  const limit = first && "milliseconds" in first ? first.milliseconds : undefined;
  try {
    const milliseconds = await measureTrial(engine, limit);
    return milliseconds === undefined ? { device, failure: "slower" } : { device, milliseconds };
  } catch {
    return { device, failure: NOT_USABLE };
  } finally {
    await engine.close();
  }
}

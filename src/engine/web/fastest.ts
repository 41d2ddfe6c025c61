/** `auto` in browsers: every device takes a trial step, the fastest stays open. */

import { type DeviceBenchmark, pickFastest, tryDevice } from "../devices/device-benchmark.ts";
import { createInThread } from "../rpc/in-thread.ts";
import type { RuntimeHandle } from "../rpc/messages.ts";

/**
 * Open runtimes one after another, the CPU's first, and keep the fastest. One that fails is out of
 * the race.
 * @throws what the first throws: without the CPU there is nothing
 */
export async function openFastest(
  openers: readonly (() => Promise<RuntimeHandle>)[],
): Promise<RuntimeHandle> {
  const runtimes: RuntimeHandle[] = [];
  const results: DeviceBenchmark[] = [];
  for (const open of openers) {
    const opened = await open().catch((error: unknown) => {
      if (runtimes.length === 0) throw error;
    });
    if (!opened) continue;
    runtimes.push(opened);
    const first = results[0];
    const limit = first && "milliseconds" in first ? first.milliseconds : undefined;
    // Closing frees what the trial left behind; the runtime can be used again.
    results.push(await tryDevice(opened.info.device, () => createInThread(async () => opened), limit));
  }
  const { device, reason } = pickFastest(results);
  const chosen = runtimes.find(({ info }) => info.device === device)!;
  const { info } = chosen;
  return {
    ...chosen,
    info: { ...info, description: info.description.replace(device, `${device} (${reason})`) },
  };
}

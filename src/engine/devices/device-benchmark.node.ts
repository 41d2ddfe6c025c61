/**
 * The process in which devices are tried (auto.node.ts): prints a line of JSON before and after
 * each.
 */
import { writeSync } from "node:fs";
import { createInThreadEngine } from "../node.node.ts";
import { loadOnnxRuntime } from "../onnxruntime.node.ts";
import { nodeOffer } from "../sessions/runtime.node.ts";
import type { TrialLine } from "./auto.node.ts";
import { tryDevice } from "./device-benchmark.ts";
import { candidates } from "./devices.ts";

/** At once, as the next call may end the process. */
const print = (line: TrialLine): void => void writeSync(1, `${JSON.stringify(line)}\n`);

/** Try the CPU, then every other device that this build offers against it. */
export async function tryDevices(threads: number): Promise<void> {
  const offer = nodeOffer(await loadOnnxRuntime());
  let limit: number | undefined;
  for (const device of ["cpu", ...candidates(offer)] as const) {
    print({ begin: device });
    const result = await tryDevice(device, () => createInThreadEngine({ device, threads }), limit);
    if (device === "cpu" && "milliseconds" in result) limit = result.milliseconds;
    print(result);
  }
}

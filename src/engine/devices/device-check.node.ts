/**
 * A look at a device: an engine is really started on it, and measured, in a process that may crash.
 */
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { moduleBeside } from "../../base/processes/modules.node.ts";
import { createInThreadEngine } from "../node.node.ts";
import { runInSubprocess } from "../subprocess.node.ts";
import type { RealDevice } from "./devices.ts";
import { measureMatmul } from "./matrix-product.ts";

/** What a device turned out to be. */
export type DeviceFinding =
  | { readonly description: string; readonly gflops: number }
  | { readonly problem: string; readonly hint: string | undefined };

/** Longer than any driver should take to start, in milliseconds. */
const LIMIT = 60_000;

/** Look at a device. */
export async function checkDevice(device: RealDevice): Promise<DeviceFinding> {
  const module = moduleBeside("device-check.node", import.meta.url);
  const { lines, failure } = await runInSubprocess(module, `printFinding(${JSON.stringify(device)})`, LIMIT);
  const [finding] = lines as readonly DeviceFinding[];
  if (finding) return finding;
  const problem = `Device "${device}" could not be tried: the process that did ${failure ?? "said nothing"}.`;
  return { problem, hint: `Its driver crashes, or computes in software. Use ${option("device", "cpu")}.` };
}

/** Whether training steps can be computed in bfloat16, tried in another process. */
export async function checkBfloat16(): Promise<Bfloat16Finding> {
  const module = moduleBeside("device-check.node", import.meta.url);
  const { lines, failure } = await runInSubprocess(module, "printBfloat16()", LIMIT);
  const [finding] = lines as readonly Bfloat16Finding[];
  return (
    finding ?? {
      problem: `oneDNN could not be tried: the process that did ${failure ?? "said nothing"}.`,
      hint: undefined,
    }
  );
}

/** What oneDNN turned out to be. */
export type Bfloat16Finding =
  | { readonly library: string }
  | { readonly problem: string; readonly hint: string | undefined };

/** The other process: prints whether it works. */
export async function printBfloat16(): Promise<void> {
  console.log(JSON.stringify(await findBfloat16()));
}

async function findBfloat16(): Promise<Bfloat16Finding> {
  const { openNative } = await import("../native/open.node.ts");
  try {
    const { dnnl, library } = await openNative(1);
    dnnl.close();
    return { library: library.name };
  } catch (error) {
    return whyNot(error);
  }
}

/** The other process: prints a finding. */
export async function printFinding(device: RealDevice): Promise<void> {
  console.log(JSON.stringify(await find(device)));
}

async function find(device: RealDevice): Promise<DeviceFinding> {
  try {
    const engine = await createInThreadEngine({ device, threads: 0 });
    const gflops = await measureMatmul(engine);
    await engine.close();
    return { description: engine.description, gflops };
  } catch (error) {
    return whyNot(error);
  }
}

/** Why something does not work, with the options in it still marked. */
function whyNot(error: unknown): { readonly problem: string; readonly hint: string | undefined } {
  const { message, hint } =
    error instanceof UserError
      ? error.marked
      : { message: error instanceof Error ? error.message : String(error), hint: undefined };
  return { problem: message.split("\n")[0]!, hint };
}

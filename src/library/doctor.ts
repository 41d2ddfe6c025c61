/** `doctor` as a function. */
import { examineMachine } from "../app/doctor.ts";
import type { MachineCheck } from "../app/events.ts";
import * as kind from "./support/check.ts";
import { contextOf, type Listeners } from "./support/listeners.ts";
import { forProgram } from "./support/program-words.ts";

const KINDS: kind.Kinds<Listeners> = { onLine: kind.callback, onWarning: kind.callback };

/**
 * What this machine offers, and what is missing, as `quarterturn doctor` says it. An engine is
 * started on every device, which takes some seconds.
 * @throws UserError for an unknown option
 * @example The devices that can train
 * ```ts
 * import { doctor } from "quarterturn";
 *
 * const checks = await doctor();
 * const devices = checks.filter(({ name, state }) => name.startsWith("Device ") && state === "ok");
 * console.log(devices.map(({ name }) => name.slice(7)).join(", "));
 * ```
 */
export async function doctor(call: Listeners = {}): Promise<MachineCheck[]> {
  kind.checkCall<Listeners>("doctor", call, KINDS);
  return forProgram(examineMachine(contextOf(call)));
}

/**
 * Run in a process of its own, to be interrupted: compute for so many milliseconds without a turn
 * of the event loop.
 */
import { setTimeout } from "node:timers/promises";
import { watchInterrupts } from "../terminal/interrupt.ts";
import { createOutput } from "../terminal/output.ts";

const interrupts = watchInterrupts(createOutput(false));
// Until the thread that listens meanwhile is there.
await setTimeout(2000);
console.log("busy");
const end = Date.now() + Number(process.argv[2]);
while (Date.now() < end);
console.log("free");
await setTimeout(1000);
console.log(interrupts.signal.aborted ? "asked to end" : "not asked");
interrupts.dispose();

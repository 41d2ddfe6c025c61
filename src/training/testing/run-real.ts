/**
 * Run in a process of its own, to be killed: train the configuration named (`real`) in the folder
 * given, printing a line for each event.
 */
import { CONFIGS, trainReal } from "./real.ts";

const [, , dir = "", name = "real"] = process.argv;
await trainReal(dir, {
  config: CONFIGS[name as keyof typeof CONFIGS],
  onEvent: ({ kind, step }) => console.log(`${kind} ${step}`),
});

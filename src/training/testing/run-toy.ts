/**
 * Run in a process of its own, to be killed: train the toy objective in the folder given, printing
 * a line for each event.
 */
import { setTimeout } from "node:timers/promises";
import { openRun } from "../run/folder/run-folder.node.ts";
import { runTraining } from "../run/run.node.ts";
import { fakeConfig, fakeEngine, fakeSteps, fakeStore } from "./fake.ts";

const config = fakeConfig({ steps: 60, checkpointEvery: 4, sampleEvery: 7, keepCheckpoints: 2 });
const run = await openRun({ config, dir: process.argv[2]! });
const engine = fakeEngine({ beforeUpdate: () => setTimeout(1) });
await runTraining({
  run,
  config,
  steps: fakeSteps(),
  engine,
  store: fakeStore(),
  onEvent: (event) => console.log(`${event.kind} ${event.step}`),
});
await run.close();

/** What a training takes from the machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { processorSecondsOf } from "../../base/processes/process.node.ts";
import { processUsage } from "./cpu.node.ts";

/** Use this thread's core for so many milliseconds of processor time. */
function work(milliseconds: number): void {
  const begun = process.cpuUsage();
  while (process.cpuUsage(begun).user + process.cpuUsage(begun).system < 1000 * milliseconds);
}

it("is the memory it has, and processor time over time since it was asked last", () => {
  let time = 0;
  const usage = processUsage(undefined, () => time);
  work(100);
  time = 50;
  const busy = usage();
  // 100 ms of processor time, or a little more, in 50 ms of a clock.
  expect(busy.cores).toBeGreaterThanOrEqual(1.9);
  expect(busy.memoryBytes).toBeGreaterThan(20e6);
  expect(busy.memoryBytes).toBeLessThanOrEqual(1024 * process.resourceUsage().maxRSS + 50e6);
  expect(usage().cores, "no time has passed").toBe(0);
  time += 1e9;
  expect(usage().cores).toBe(0);
});

it.runIf(process.platform === "linux")(
  "counts the engine's process in, as long as there is one",
  async () => {
    const source =
      "let x = 0; for (let i = 0; i < 3e8; i++) x += i % 7; console.log(x); setInterval(() => {}, 1e6)";
    const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
    let time = 0;
    const [alone, both] = [processUsage(undefined, () => time), processUsage(child.pid, () => time)];
    await once(child.stdout!, "data");
    const seconds = processorSecondsOf(child.pid!)!;
    expect(seconds).toBeGreaterThan(0.1);
    time = 1000 * seconds;
    const [mine, ours] = [alone(), both()];
    expect(ours.cores - mine.cores).toBeGreaterThan(0.4);
    expect(ours.memoryBytes - mine.memoryBytes).toBeGreaterThan(10e6);
    child.kill("SIGKILL");
    await once(child, "exit");
    time += 1000;
    expect(both().cores, "its time is gone with it").toBeGreaterThanOrEqual(0);
    expect(processorSecondsOf(child.pid!)).toBeUndefined();
  },
);

/** What each signal does. They are emitted, not sent: the test process has others to lose. */
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { watchInterrupts } from "./interrupt.ts";
import { createOutput } from "./output.ts";

const silent = { write: () => true };

/** Whether a signal asks for the end. */
function aborts(signal: NodeJS.Signals, attached: boolean): boolean {
  const before = process.listenerCount(signal);
  const watch = watchInterrupts(createOutput(false, { stdout: silent, stderr: silent }), attached);
  try {
    process.emit(signal, signal);
    return watch.signal.aborted;
  } finally {
    watch.dispose();
    expect(process.listenerCount(signal)).toBe(before);
  }
}

it.each(["SIGINT", "SIGTERM"] as const)("%s asks for the end, with and without a terminal", (signal) => {
  expect(aborts(signal, true)).toBe(true);
  expect(aborts(signal, false)).toBe(true);
});

it("the closing of the terminal asks for the end, but not of what was detached from it (nohup)", () => {
  expect(aborts("SIGHUP", true)).toBe(true);
  expect(aborts("SIGHUP", false)).toBe(false);
});

describe.skipIf(process.platform === "win32")("while the main thread computes", () => {
  /** A process that does so for `milliseconds`, as soon as it does; what it says is gathered. */
  async function busyFor(milliseconds: number) {
    const script = new URL("../testing/busy.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--import", "tsx", script, String(milliseconds)]);
    const said = { out: "", error: "" };
    child.stderr.on("data", (text) => {
      said.error += text;
    });
    await new Promise<void>((busy) =>
      child.stdout.on("data", (text) => {
        said.out += text;
        if (said.out.includes("busy")) busy();
      }),
    );
    const ended = new Promise<[number | null, string | null]>((end) =>
      child.once("exit", (...how) => end(how)),
    );
    return { child, said, ended };
  }

  it("Ctrl-C twice ends the process", async () => {
    const { child, said, ended } = await busyFor(1e9);
    // The thread takes over a second after the main thread has come to a standstill.
    while (!said.out.includes("Press Ctrl-C again")) {
      await setTimeout(1500);
      child.kill("SIGINT");
      await setTimeout(500);
    }
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
  });

  it("Ctrl-C once is answered at once, and obeyed when the computation is over", async () => {
    const { child, said, ended } = await busyFor(8000);
    await setTimeout(3000);
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(said.out).toMatch(/free[\s\S]*asked to end/);
  });

  it("nothing is lost by it: handlers are in force again afterwards", async () => {
    const { child, said, ended } = await busyFor(3000);
    while (!said.out.includes("free")) await setTimeout(10);
    await setTimeout(400);
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(said.out).toContain("asked to end");
  });
});

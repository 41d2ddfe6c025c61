import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("./testing/lifecycle.ts", import.meta.url));
const sources = new URL("./node.node.ts", import.meta.url);
const built = new URL("../../dist/engine/node.node.js", import.meta.url);

/** Run testing/lifecycle.ts in a process of its own to its end. */
function live(mode: string, module = sources): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", script, mode, module.href]);
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code) => resolve({ code, output }));
  });
}

test("a process that closed its engine ends by itself", async () => {
  expect(await live("close")).toEqual({ code: 0, output: "sum 10\n" });
});

test("a forgotten engine does not keep the process alive", async () => {
  expect(await live("leave-open")).toEqual({ code: 0, output: "sum 10\n" });
});

// `npm test` builds first; a single test run in a fresh checkout has nothing built.
test.skipIf(!existsSync(built))("the compiled package starts its worker too", async () => {
  expect(await live("close", built)).toEqual({ code: 0, output: "sum 10\n" });
});

test("leaving in the middle of a run keeps the exit code", async () => {
  expect(await live("exit")).toEqual({ code: 7, output: "" });
});

test("an exception in the middle of a run is reported as itself", async () => {
  const { code, output } = await live("throw");
  expect(code).toBe(1);
  expect(output).toContain("a mistake elsewhere");
  expect(output).not.toContain("terminate called");
});

test("memory stays flat over 200 runs that replace 10 MB of state", async () => {
  const { code, output } = await live("memory");
  expect(code).toBe(0);
  // A leak of the state alone would be 2,000 MB.
  expect(Number(/growth (-?\d+)/.exec(output)?.[1])).toBeLessThan(100e6);
});

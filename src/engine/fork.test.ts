import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { loaderOf, moduleBeside } from "../base/processes/modules.node.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-fork-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A child whose own child has its channel too: its pipes end a moment after itself.
const CHILD = `
import { spawn } from "node:child_process";
const sleep = [process.execPath, ["-e", "setTimeout(() => {}, 300)"]];
spawn(...sleep, { stdio: ["ignore", "ignore", "ignore", process.channel.fd], detached: true }).unref();
process.send("started");
setInterval(() => {}, 1000);
`;

const parent = (fork: string, caller: string): string => `
import { forkBeside, hold, whenGone } from ${JSON.stringify(fork)};
const child = forkBeside("child", ${JSON.stringify(caller)});
const gone = whenGone(child);
let closed = false;
child.on("exit", () => hold(child, false));
child.on("close", () => { closed = true; });
hold(child, true);
await new Promise((resolve) => child.once("message", resolve));
child.kill("SIGKILL");
await gone();
console.log("gone", closed);
`;

it.skipIf(process.platform === "win32")(
  "waits for a child's end though everybody else has let go of it",
  async () => {
    writeFileSync(join(folder, "child.mjs"), CHILD);
    const fork = moduleBeside("fork.node", import.meta.url);
    const script = parent(fork.href, pathToFileURL(join(folder, "caller.mjs")).href);
    const args = [...loaderOf(fork), "--input-type=module", "--eval", script];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toBe("gone true\n");
  },
);

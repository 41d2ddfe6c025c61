/**
 * Nothing leaves the machine: no command that loads ONNX Runtime leaves a file in the home or
 * temporary folder, and none looks up a name or opens a connection. ONNX Runtime's telemetry does
 * both wherever it is not turned off.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_TELEMETRY } from "../../src/base/processes/telemetry.ts";
import { tinyFeatures } from "../support/tiny-features.ts";
import { makePictures, TINY, train, Workspace } from "./support.ts";

const workspace = new Workspace();
const PROGRAM = resolve(import.meta.dirname, "../../bin/quarterturn.js");
const LIBRARY = resolve(import.meta.dirname, "../../dist/index.js");
const traced = spawnSync("strace", ["-V"]).status === 0;

/**
 * Variables of build servers, where ONNX Runtime collects nothing by itself, so that these tests
 * could not fail.
 */
const BUILD_SERVER =
  /^(CI|GITHUB_.*|GITLAB_.*|TF_BUILD|BUILD_.*|JENKINS_.*|TEAMCITY_.*|CIRCLECI|TRAVIS|APPVEYOR)$/;

let calls = 0;

/**
 * Call Node with an empty home and an empty temporary folder.
 * @returns what it left in them, and the addresses outside this machine it turned to
 */
function callNode(args: readonly string[], expected = 0): { left: string[]; addresses: string[] } {
  const folder = workspace.path(`call-${calls++}`);
  const [home, temporary, trace] = [`${folder}/home`, `${folder}/tmp`, `${folder}/trace`];
  for (const path of [home, temporary]) mkdirSync(path, { recursive: true });
  const others = Object.entries(process.env).filter(
    ([name]) => !BUILD_SERVER.test(name) && name !== NO_TELEMETRY.name,
  );
  const env = {
    ...Object.fromEntries(others),
    HOME: home,
    TMPDIR: temporary,
    XDG_CACHE_HOME: `${home}/.cache`,
    QUARTERTURN_CACHE: workspace.path("cache"),
    NO_COLOR: "1",
  };
  const command = [process.execPath, ...args];
  const watched = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", trace];
  const [program = "", ...rest] = traced ? [...watched, ...command] : command;
  const { status, stderr, stdout } = spawnSync(program, rest, {
    cwd: workspace.folder,
    env,
    encoding: "utf8",
  });
  expect(status, `${args.join(" ")}\n${stdout}\n${stderr}`).toBe(expected);
  const left = [home, temporary].flatMap((path) => readdirSync(path, { recursive: true, encoding: "utf8" }));
  const lines = existsSync(trace) ? readFileSync(trace, "utf8").split("\n") : [];
  const addresses = lines.filter((line) => /AF_INET6?/.test(line) && !/"127\.0\.0\.1"|"::1"/.test(line));
  return { left, addresses };
}

/** Look at a command of the program. */
function look(...args: string[]): void {
  expect(callNode([PROGRAM, ...args])).toEqual({ left: [], addresses: [] });
}

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 72);
  writeFileSync(workspace.path("tiny.onnx"), tinyFeatures({ side: 16 }));
  const { code, stderr } = await workspace.run(...train("run", "--steps", "2"), "--no-studio");
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
afterAll(() => workspace.remove());

describe("nothing is left behind or sent by", () => {
  it("ONNX Runtime, unless it is told not to: what these tests would see", () => {
    const script = `const ort = (await import("onnxruntime-node")).default; await ort.InferenceSession.create("tiny.onnx");`;
    const at = resolve(import.meta.dirname, "../..");
    const { left } = callNode([
      "--input-type=module",
      "-e",
      script.replace("onnxruntime-node", `${at}/node_modules/onnxruntime-node/dist/index.js`),
    ]);
    // On Windows it hands events to the system instead.
    expect(left.length > 0).toBe(process.platform !== "win32");
  });

  it.each([
    ["train", ["pictures", ...TINY, "--run", "other", "--steps", "2", "--no-studio"]],
    ["train", ["pictures", ...TINY, "--run", "none", "--steps", "2", "--dry-run"]],
    ["sample", ["run", "--out", "grid.png"]],
    ["export", ["run", "--out", "exported"]],
    ["evaluate", ["run", "--samples", "64", "--repeats", "1", "--metrics", "fid,kid"]],
    ["compare", ["pictures", "pictures", "--features", "tiny.onnx"]],
    ["embed", ["pictures", "--run", "run", "--out", "embedded.npy"]],
    ["orient", ["pictures", "--run", "run"]],
    ["report", ["run", "--out", "report.html"]],
    ["data", ["inspect", "pictures", "--run", "run"]],
    ["doctor", []],
  ])("quarterturn %s %j", (command, args) => {
    look(command, ...args);
  });

  it("quarterturn sweep, and the processes that it starts", () => {
    const set = Object.fromEntries(TINY.filter((word) => word !== "--set").map((value) => value.split("=")));
    writeFileSync(workspace.path("sweep.json"), JSON.stringify({ data: "pictures", steps: 2, set }));
    look("sweep", "sweep.json", "--out", "swept");
  });

  it("the library, also in a worker thread of a program that imports it in its main thread", () => {
    const body = `
      import { isMainThread, Worker } from "node:worker_threads";
      import { sample } from ${JSON.stringify(LIBRARY)};
      if (isMainThread) new Worker(new URL(import.meta.url));
      else await sample("run", { count: 1 });`;
    writeFileSync(workspace.path("library.mjs"), body);
    expect(callNode([workspace.path("library.mjs")])).toEqual({ left: [], addresses: [] });
  });

  it("the library in a worker thread alone, which cannot turn telemetry off and says so", () => {
    const body = `
      import { isMainThread, Worker } from "node:worker_threads";
      if (isMainThread) new Worker(new URL(import.meta.url)).on("error", (error) => {
        console.error(error.message);
        process.exit(/only the main thread can turn that off/.test(error.message) ? 2 : 1);
      });
      else {
        const { sample } = await import(${JSON.stringify(LIBRARY)});
        await sample("run", { count: 1 });
      }`;
    writeFileSync(workspace.path("alone.mjs"), body);
    expect(callNode([workspace.path("alone.mjs")], 2)).toEqual({ left: [], addresses: [] });
  });
});

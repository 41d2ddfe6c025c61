/** Runs, files and addresses of somebody who means ill, on the real command line. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endlessModel } from "../../src/engine/testing/hostile-models.ts";
import { aliasesOfAliases } from "../support/aliases.ts";
import { contents, makePictures, type Outcome, ordinaryUser, train, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  await workspace.run(...train("whole", "--steps", "2"));
});
afterAll(() => workspace.remove());

/** A copy of the run. @returns its name */
function copyOfRun(name: string): string {
  cpSync(workspace.path("whole"), workspace.path(name), { recursive: true });
  return name;
}
const says = ({ stderr, stdout }: Outcome): string => stdout + stderr;
const expectMistake = (outcome: Outcome, message: RegExp): void => {
  expect(says(outcome)).toMatch(message);
  expect(says(outcome)).not.toMatch(/\n\s+at |This is a bug/);
  expect(outcome.code).toBe(2);
};

describe("a report", () => {
  const line = (file: string) => `${JSON.stringify({ kind: "sample", step: 1, file, diversity: 1 })}\n`;
  const report = (run: string) => workspace.run("report", run, "--no-walk");

  it("takes no picture from outside the run, and says that a line is left out", async () => {
    const run = copyOfRun("outside");
    const secret = { create: { width: 30, height: 30, channels: 3 as const, background: "#123456" } };
    await sharp(secret).png().toFile(workspace.path("secret.png"));
    writeFileSync(workspace.path(run, "metrics.jsonl"), line("../secret.png"), { flag: "a" });
    const before = readFileSync(workspace.path("outside", "metrics.jsonl"));
    const { code, stdout } = await report(run);
    expect(stdout).toMatch(/1 line of metrics\.jsonl cannot be read and is left out/);
    expect(code).toBe(0);
    const page = readFileSync(workspace.path(run, "report.html"), "utf8");
    expect(page.match(/<img /g)).toHaveLength(
      readFileSync(workspace.path("outside", "report.html"), "utf8").match(/<img /g)!.length,
    );
    expect(readFileSync(workspace.path("outside", "metrics.jsonl"))).toEqual(before);
  });

  it.each<[string, (run: string) => void, RegExp]>([
    [
      "a picture that is a link out of the run",
      (run) => {
        rmSync(workspace.path(run, "samples", "0000000.png"));
        symlinkSync(workspace.path("pictures", "000.png"), workspace.path(run, "samples", "0000000.png"));
        rmSync(workspace.path(run, "samples", "0000000-ema.png"), { force: true });
        writeFileSync(workspace.path(run, "metrics.jsonl"), line("samples/0000000.png"));
      },
      /samples\/0000000\.png leads out of the run folder/,
    ],
    [
      "a picture that is none",
      (run) => writeFileSync(workspace.path(run, "samples", "reals.png"), "no picture"),
      /samples\/reals\.png is no picture that can be read/,
    ],
    [
      "an environment that is none",
      (run) => writeFileSync(workspace.path(run, "environment.json"), '{"sessions":[{"started":7}]}'),
      /environment\.json is damaged: sessions\.0\.started should be a text, and is a number/,
    ],
  ])("%s is the user's mistake", async (name, damage, message) => {
    const run = copyOfRun(name.replaceAll(/\W+/g, "-"));
    damage(run);
    expectMistake(await report(run), message);
  });
});

describe("a record that is a link", () => {
  it("is neither cut nor written through", async () => {
    const run = copyOfRun("linked");
    const target = workspace.path("precious.txt");
    writeFileSync(target, "precious\n");
    rmSync(workspace.path(run, "metrics.jsonl"));
    symlinkSync(target, workspace.path(run, "metrics.jsonl"));
    expectMistake(await workspace.run(...train(run, "--steps", "3")), /metrics\.jsonl is a link/);
    expect(readFileSync(target, "utf8")).toBe("precious\n");
  });
});

describe("a sweep", () => {
  const laughs = aliasesOfAliases(10);
  const lists = Array.from({ length: 8 }, (_, i) => `  path${i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]`).join("\n");
  it.each([
    ["too-many", `grid:\n${lists}\n`, /stands for 100,000,000 runs .*10,000 at most/],
    ["laughs", laughs, /aliases \(\*name\) stand for too many values/],
    ["anchors", "set: *nowhere\n", /has no anchor|not valid YAML/],
    ["deep", `grid: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /nested too deep|not valid YAML|should be/],
  ])("%s is refused before it is built", async (name, text, message) => {
    writeFileSync(workspace.path(`${name}.yaml`), text);
    expectMistake(await workspace.run("sweep", `${name}.yaml`, "--plan"), message);
  });

  it.runIf(existsSync("/dev/zero"))("a device is no file, nor are weights in one", async () => {
    const message = /is not a file but a device/;
    expectMistake(await workspace.run("sweep", "/dev/zero", "--plan"), message);
    expectMistake(await workspace.run("features", "add", "inception", "--from", "/dev/zero"), message);
    const run = copyOfRun("devices");
    const weights = workspace.path(run, "checkpoints", "0000002", "weights.safetensors");
    rmSync(weights);
    symlinkSync("/dev/zero", weights);
    expectMistake(await workspace.run("sample", run), message);
  });

  it("names cannot tell the terminal what to do", async () => {
    writeFileSync(workspace.path("names.yaml"), 'steps: 1\npoints:\n  - name: "\\e]0;owned\\a\\e[2J"\n');
    const outcome = await workspace.run("sweep", "names.yaml", "--plan");
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain("\\x1b]0;owned\\x07");
    expect(says(outcome)).not.toContain("\u001b");
    const json = await workspace.run("sweep", "names.yaml", "--plan", "--json");
    expect(says(json)).not.toContain("\u001b");
    expect(JSON.parse(json.stdout).points[0].label).toBe("\u001b]0;owned\u0007\u001b[2J");
  });
});

it.each([
  ["features", "add", "inception", "--from", "http://u:hush@127.0.0.1:1/x.pth?token=hush"],
  ["data", "fetch", "mnist", "--mirror", "http://u:hush@127.0.0.1:1/x/?token=hush"],
  ["worker", "--queue", "mysql://u:hush@127.0.0.1:1/x"],
  ["train", "http://u:hush@127.0.0.1:1/x"],
])("secrets in an address are not printed: %s %s", async (...args) => {
  const { code, stdout, stderr } = await workspace.run(...args);
  expect(code).toBe(2);
  expect(stdout + stderr).not.toContain("hush");
});

describe("a feature network from a file", () => {
  it.runIf(process.platform === "linux")("that never ends is ended by Ctrl-C", async () => {
    writeFileSync(workspace.path("endless.onnx"), endlessModel());
    const call = workspace.start("compare", "pictures", "pictures", "--features", "endless.onnx");
    // Nothing is to be seen of it but the process that it runs in.
    const { pid } = call.child;
    while (readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8") === "")
      await new Promise((resolve) => setTimeout(resolve, 50));
    call.child.kill("SIGINT");
    const { code, stdout } = await call.ended;
    expect(stdout).toContain("Stopped; nothing was compared.");
    expect(code).toBe(130);
  });
});

const user = ordinaryUser();
it.runIf(user)("numbers of a run that may only be read are printed, with a warning", async () => {
  const own = new Workspace(user);
  try {
    await makePictures(own.path("pictures"), 64);
    own.handOver();
    expect((await own.run(...train("run", "--steps", "2"))).code).toBe(0);
    chmodSync(own.path("run"), 0o555);
    const before = contents(own.path("run"));
    const args = ["evaluate", "run", "--samples", "64", "--repeats", "1", "--metrics", "fid"];
    const { code, stdout, stderr } = await own.run(...args, "--json");
    expect(stderr).toMatch(
      /warning: .*evaluations\.jsonl cannot be written to: the numbers will only be printed/,
    );
    const { written, evaluations } = JSON.parse(stdout);
    expect(written).toBe(false);
    expect(evaluations[0].metrics.fid.mean).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(contents(own.path("run"))).toEqual(before);
  } finally {
    chmodSync(own.path("run"), 0o755);
    own.remove();
  }
});

it("a folder that is named like a command does not end a training", async () => {
  const run = copyOfRun("commanded");
  const name = `command-${"1".padStart(15, "0")}-00000000-0000-0000-0000-000000000000.json`;
  const call = workspace.start(...train(run, "--steps", "400"));
  await call.saw(/Continuing at step 2/);
  mkdirSync(workspace.path(run, "control", name), { recursive: true });
  const { code, stderr } = await call.ended;
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(0);
});

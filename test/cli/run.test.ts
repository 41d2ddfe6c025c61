/** A run from the command line: begun, interrupted, continued, forked, damaged, sampled from. */
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(() => makePictures(workspace.path("pictures"), 64));
afterAll(() => workspace.remove());

const train = (run: string, ...more: string[]): string[] => [
  "train",
  "pictures",
  ...TINY,
  "--run",
  run,
  ...more,
];

/** Every file below a folder with a hash of its contents; lock files come and go. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !path.endsWith("lock.json"));
  return Object.fromEntries(
    paths.sort().map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}
/** Another step in a description whose checksum was made for step 2. */
function alter(file: string): void {
  writeFileSync(file, readFileSync(file, "utf8").replace('"step": 2', '"step": 3'));
}
const checkpoints = (run: string): string[] => readdirSync(workspace.path(run, "checkpoints")).sort();

describe("train", () => {
  it("writes a run, and the same command with more steps continues it", async () => {
    const first = await workspace.run(...train("a", "--steps", "2"));
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/Training for 2 steps/);
    expect(first.stdout).toMatch(/samples a\/samples\/0000002-ema\.png/);
    expect(readdirSync(workspace.path("a"))).toEqual(
      expect.arrayContaining(["config.json", "environment.json", "metrics.jsonl", "samples", "checkpoints"]),
    );

    const second = await workspace.run(...train("a", "--steps", "4", "--json"));
    expect(second.stderr).toMatch(/Continuing at step 2 of 4/);
    expect(JSON.parse(second.stdout)).toMatchObject({ reason: "finished", step: 4, last: { step: 4 } });
    expect(checkpoints("a")).toEqual(["0000002", "0000004"]);
    const steps = readFileSync(workspace.path("a", "metrics.jsonl"), "utf8").trim().split("\n");
    expect(
      steps
        .map((line) => JSON.parse(line))
        .filter(({ kind }) => kind === "step")
        .map(({ step }) => step),
    ).toEqual([1, 2, 3, 4]);
  });

  it("goes on with a run by its folder alone", async () => {
    const { code, stdout } = await workspace.run("train", "--run", "a", "--steps", "5", "--json");
    expect({ code, step: JSON.parse(stdout).step }).toEqual({ code: 0, step: 5 });
  });

  it("refuses a changed configuration, showing the difference and leaving the run as it is", async () => {
    const before = contents(workspace.path("a"));
    const { code, stderr } = await workspace.run(
      ...train("a", "--steps", "5", "--set", "optimizer.learningRate=0.1"),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/optimizer\.learningRate: \S+ → 0\.1[\s\S]*--fork/);
    expect(contents(workspace.path("a"))).toEqual(before);
  });

  it("--fork takes the changed configuration to a new folder, --new begins again beside", async () => {
    const before = contents(workspace.path("a"));
    const fork = await workspace.run(
      ...train("a", "--steps", "6", "--set", "optimizer.learningRate=0.001", "--fork", "--json"),
    );
    expect(JSON.parse(fork.stdout)).toMatchObject({ run: workspace.path("a-2"), step: 6 });
    const fresh = await workspace.run(...train("a", "--steps", "1", "--new", "--json"));
    expect(JSON.parse(fresh.stdout)).toMatchObject({ run: workspace.path("a-3"), step: 1 });
    expect(contents(workspace.path("a"))).toEqual(before);
  });

  it("refuses a folder that holds something else", async () => {
    mkdirSync(workspace.path("holiday"));
    writeFileSync(workspace.path("holiday", "notes.txt"), "mine");
    const { code, stderr } = await workspace.run(...train("holiday", "--steps", "1"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/not a run folder/);
    expect(readdirSync(workspace.path("holiday"))).toEqual(["notes.txt"]);
  });
});

describe("Ctrl-C", () => {
  it("saves and exits with 130, meanwhile keeping others out; then the same command continues", async () => {
    const call = workspace.start(...train("b", "--steps", "100000"));
    await call.saw(/step \d+\/100,000/);
    const other = await workspace.run(...train("b", "--steps", "100000"));
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/in use by process \d+/);

    call.child.kill("SIGINT");
    const { code, stdout } = await call.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/saving… Press Ctrl-C again/);
    const step = Number(/Stopped after ([\d,]+) of/.exec(stdout)?.[1]?.replaceAll(",", ""));
    expect(checkpoints("b")).toEqual([String(step).padStart(7, "0")]);

    const next = await workspace.run(...train("b", "--steps", String(step + 1)));
    expect(next.stdout).toContain(`Continuing at step ${step.toLocaleString("en")} of`);
    expect(next.code).toBe(0);
  });
});

describe("a damaged checkpoint", () => {
  const weights = (run: string, step: string) =>
    workspace.path(run, "checkpoints", step, "weights.safetensors");

  it("is kept aside and told, and the one before is used", async () => {
    await workspace.run(...train("d", "--steps", "4", "--set", "training.checkpointEvery=2"));
    truncateSync(weights("d", "0000004"), 100);
    const { code, stdout } = await workspace.run(
      ...train("d", "--steps", "5", "--set", "training.checkpointEvery=2"),
    );
    expect(stdout).toMatch(/Continuing at step 2 of 5/);
    expect(stdout).toMatch(/warning: .*0000004.*damaged/);
    expect(code).toBe(0);
    expect(checkpoints("d")).toContain("damaged-0000004");
  });

  const safetensors = (): Uint8Array => {
    const header = JSON.stringify({ weight: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }).padEnd(64);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(64n);
    return Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]);
  };
  describe("the only one", () => {
    beforeAll(() => workspace.run(...train("e", "--steps", "2")));

    it.each<[string, string, (file: string) => void, RegExp]>([
      ["truncated", "weights.safetensors", (file) => truncateSync(file, 1000), /1\.0 kB long instead of/],
      ["empty", "state.safetensors", (file) => truncateSync(file, 0), /0 bytes long instead of/],
      ["missing a file", "state.safetensors", (file) => rmSync(file), /is missing/],
      [
        "a zip in its place",
        "weights.safetensors",
        (file) => writeFileSync(file, "PK\u0003\u0004"),
        /damaged/,
      ],
      [
        "another model's weights",
        "weights.safetensors",
        (file) => writeFileSync(file, safetensors()),
        /damaged/,
      ],
      [
        "another program's",
        "meta.json",
        (file) => writeFileSync(file, '{"format":"pt"}'),
        /not a checkpoint of/,
      ],
      ["half a description", "meta.json", (file) => truncateSync(file, 200), /damaged: it is not JSON/],
      ["altered", "meta.json", alter, /checksum does not match/],
    ])("%s: is refused and left as it is", async (what, file, damage, message) => {
      const run = what.replaceAll(/\W+/g, "-");
      cpSync(workspace.path("e"), workspace.path(run), { recursive: true });
      damage(workspace.path(run, "checkpoints", "0000002", file));
      const before = contents(workspace.path(run));
      for (const args of [train(run, "--steps", "3"), ["sample", run]]) {
        const { code, stderr } = await workspace.run(...args);
        expect(stderr, args[0]).toMatch(message);
        expect(stderr).toMatch(/Restore the folder from a backup, or start a new run/);
        expect(stderr).not.toMatch(/\n\s+at /);
        expect(code, args[0]).toBe(2);
      }
      expect(contents(workspace.path(run))).toEqual(before);
    });
  });

  it("of other networks is refused by name", async () => {
    await workspace.run(...train("f", "--steps", "1"));
    const config = JSON.parse(readFileSync(workspace.path("f", "config.json"), "utf8"));
    config.generator.width = 16;
    writeFileSync(workspace.path("f", "config.json"), JSON.stringify(config));
    const { code, stderr } = await workspace.run("sample", "f");
    expect(code).toBe(2);
    expect(stderr).toMatch(/does not fit this configuration/);
  });
});

describe("a damaged run folder", () => {
  it("is refused and left as it is", async () => {
    await workspace.run(...train("h", "--steps", "1"));
    truncateSync(workspace.path("h", "config.json"), 40);
    const before = contents(workspace.path("h"));
    for (const args of [train("h", "--steps", "2"), ["train", "--run", "h"], ["sample", "h"]]) {
      const { code, stderr } = await workspace.run(...args);
      expect(stderr).toMatch(/config\.json is damaged[\s\S]*--new/);
      expect(code).toBe(2);
    }
    expect(contents(workspace.path("h"))).toEqual(before);
  });

  it("or one with something of another kind in it, is no bug", async () => {
    await workspace.run(...train("i", "--steps", "1"));
    rmSync(workspace.path("i", "metrics.jsonl"));
    mkdirSync(workspace.path("i", "metrics.jsonl"));
    const { code, stderr } = await workspace.run(...train("i", "--steps", "2"));
    expect(stderr).toMatch(/metrics\.jsonl: it is a folder where a file is expected/);
    expect(code).toBe(2);
  });
});

describe.runIf(process.platform !== "win32")("a disk that is full", () => {
  it("stops with code 2 and leaves what was saved; with room the run goes on", async () => {
    await workspace.run(...train("g", "--steps", "2"));
    const before = contents(workspace.path("g", "checkpoints"));
    const { code, stderr } = await workspace.runWithFileLimit(20, ...train("g", "--steps", "4"));
    expect(stderr).toMatch(/disk is full/);
    expect(code).toBe(2);
    expect(contents(workspace.path("g", "checkpoints"))).toEqual(before);
    const { stdout } = await workspace.run(...train("g", "--steps", "4", "--json"));
    expect(JSON.parse(stdout)).toMatchObject({ reason: "finished", step: 4 });
  });
});

describe("sample", () => {
  beforeAll(() =>
    workspace.run(
      ...train("s", "--steps", "2", "--set", "training.checkpointEvery=1", "--set", "training.emaStart=0"),
    ),
  );
  const sample = async (...args: string[]): Promise<{ files: string[]; step: number; weights: string }> => {
    const { stdout, stderr, code } = await workspace.run("sample", "s", ...args, "--json");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  const pixels = (file: string | undefined) => sharp(file).raw().toBuffer();

  it("makes the same grid for the same seed, another for another seed, step or weights", async () => {
    const { files, ...rest } = await sample();
    expect(rest).toMatchObject({ step: 2, weights: "averaged" });
    expect(files[0]).toBe(workspace.path("s", "samples", "grid-seed0-step2.png"));
    const first = await pixels(files[0]);
    expect(first.equals(await pixels((await sample("--out", "again.png")).files[0]))).toBe(true);
    for (const other of [["--seed", "1"], ["--step", "1"], ["--no-ema"], ["--truncation", "0.1"]])
      expect(first.equals(await pixels((await sample(...other)).files[0])), other.join(" ")).toBe(false);
  });

  it("makes single files and walks", async () => {
    const { files } = await sample("--files", "--count", "5", "--out", "singles");
    expect(readdirSync(workspace.path("singles"))).toHaveLength(5);
    expect(await sharp(files[4]).metadata()).toMatchObject({ format: "png", width: 16, height: 16 });

    const walk = await sample("--interpolate", "--count", "4", "--frames", "8", "--files");
    expect(walk.files).toHaveLength(9);
    expect(await sharp(walk.files[0], { animated: true }).metadata()).toMatchObject({
      format: "gif",
      pages: 8,
      width: 34,
    });
  });

  it.each([
    ["--out", "file/grid.png"],
    ["--out", "file", "--files"],
  ])("says that a file is in the way of %s %s", async (...args) => {
    writeFileSync(workspace.path("file"), "mine");
    const { code, stderr } = await workspace.run("sample", "s", ...args);
    expect(stderr).toMatch(/^error: .*file.*(in the way|not a folder)/);
    expect(code).toBe(2);
    expect(readFileSync(workspace.path("file"), "utf8")).toBe("mine");
  });

  it("needs no data set", async () => {
    const away = workspace.path("away");
    renameSync(workspace.path("pictures"), away);
    rmSync(workspace.path("cache"), { recursive: true });
    try {
      expect((await sample("--seed", "9")).files).toHaveLength(1);
    } finally {
      renameSync(away, workspace.path("pictures"));
    }
  });

  it("names the checkpoints there are", async () => {
    const { code, stderr } = await workspace.run("sample", "s", "--step", "7");
    expect(code).toBe(2);
    expect(stderr).toMatch(/no checkpoint of step 7[\s\S]*step 2, 1/);
  });
});

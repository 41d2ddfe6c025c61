/** What the user may not read or write: said in words, with code 2, and left as it was. */
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith, NO_USER } from "../support/needs.ts";
import { makePictures, ordinaryUser, TINY, Workspace } from "./support.ts";

const user = ordinaryUser();
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
/**
 * What a run cannot do without. Its record may have grown (lines after the checkpoint are cut off
 * by the next start), and its configuration may say more steps.
 */
const KEPT = ["weights.safetensors", "state.safetensors", "meta.json"];

describeWith(user ? undefined : NO_USER, "no permission", () => {
  const workspace = new Workspace(user);
  const path = (...parts: string[]): string => workspace.path(...parts);
  afterAll(() => workspace.remove());
  beforeAll(async () => {
    await makePictures(path("pictures"), 65);
    workspace.handOver();
    const first = await workspace.run("train", "pictures", ...TINY, "--steps", "1", "--run", "run");
    expect(first).toMatchObject({ code: 0, stderr: "" });
  });

  /** Take rights away, run, give them back. @returns the error, which is the user's and no bug */
  async function refused(locked: string, mode: number, ...args: string[]): Promise<string> {
    chmodSync(path(locked), mode);
    try {
      const { code, stderr } = await workspace.run(...args);
      expect(stderr).toMatch(/^error: /m);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(code).toBe(2);
      return stderr;
    } finally {
      chmodSync(path(locked), 0o755);
    }
  }
  const more = ["train", "pictures", ...TINY, "--steps", "2", "--run", "run"];

  it("to read the folder of images", async () => {
    const error = await refused("pictures", 0o000, "train", "pictures", ...TINY, "--run", "new");
    expect(error).toMatch(/pictures cannot be read \(no permission\)[\s\S]*who may read it/);
    expect(readdirSync(path())).not.toContain("new");
  });

  it("to read one image: it is skipped and named", async () => {
    cpSync(path("pictures"), path("partly"), { recursive: true });
    workspace.handOver();
    chmodSync(path("partly", "007.png"), 0o000);
    const { code, stdout } = await workspace.run("train", "partly", ...TINY, "--steps", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 of 65 images could not be used: no permission to read it \(007\.png\)/);
  });

  it("to make a run folder", async () => {
    mkdirSync(path("closed"));
    workspace.handOver();
    const error = await refused("closed", 0o555, ...more.slice(0, -1), "closed/run");
    expect(error).toMatch(/closed.run could not be written: permission denied[\s\S]*--run/);
    expect(readdirSync(path("closed"))).toEqual([]);
  });

  it("to keep packed images", async () => {
    rmSync(path("cache"), { recursive: true });
    mkdirSync(path("cache"));
    workspace.handOver();
    const error = await refused("cache", 0o555, "train", "pictures", ...TINY, "--run", "new");
    expect(error).toMatch(/cannot be kept in .*cache[\s\S]*QUARTERTURN_CACHE/);
    expect(readdirSync(path())).not.toContain("new");
  });

  it.each([
    ["to write to a run", "run", 0o555],
    ["to look into a run", "run", 0o000],
    ["to read a run's configuration", "run/config.json", 0o000],
    ["to look into its checkpoints", "run/checkpoints", 0o000],
    ["to add to its checkpoints", "run/checkpoints", 0o555],
    ["to read its checkpoint", "run/checkpoints/0000001/state.safetensors", 0o000],
    ["to add to its record", "run/metrics.jsonl", 0o444],
    ["to read its record", "run/metrics.jsonl", 0o000],
    ["to add a sample", "run/samples", 0o555],
    ["to read its environment", "run/environment.json", 0o000],
  ])("%s", async (_, locked, mode) => {
    const contents = () => KEPT.map((name) => hash(readFileSync(path("run/checkpoints/0000001", name))));
    const before = contents();
    expect(await refused(locked, mode, ...more)).toMatch(/permission|EACCES/);
    expect(contents()).toEqual(before);
    expect(readdirSync(path("run", "checkpoints"))).toEqual(["0000001"]);
  });

  it.each([
    ["to look into a run", "run", 0o000],
    ["to read its configuration", "run/config.json", 0o000],
    ["to look into its checkpoints", "run/checkpoints", 0o000],
    ["to read its weights", "run/checkpoints/0000001/weights.safetensors", 0o000],
    ["to write the samples", "run/samples", 0o555],
  ])("of sample %s", async (_, locked, mode) => {
    expect(await refused(locked, mode, "sample", "run")).toMatch(/permission|EACCES/);
  });
});

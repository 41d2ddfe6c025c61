/**
 * Damaged checkpoints and run folders on the command line: told, passed over where there is
 * another, never touched.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contents, makePictures, train, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  expect(await workspace.run(...train("e", "--steps", "2"))).toMatchObject({ code: 0 });
});
afterAll(() => workspace.remove());

/** The one run that was trained, under another name. */
const copyOf = (run: string): void => cpSync(workspace.path("e"), workspace.path(run), { recursive: true });

/** Another step in a description whose checksum was made for step 2. */
function alter(file: string): void {
  writeFileSync(file, readFileSync(file, "utf8").replace('"step": 2', '"step": 3'));
}
const checkpoints = (run: string): string[] => readdirSync(workspace.path(run, "checkpoints")).sort();

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
    it.each<[string, string, (file: string) => void, RegExp]>([
      ["truncated", "weights.safetensors", (file) => truncateSync(file, 1000), /1 kB long instead of/],
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
      copyOf(run);
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
    copyOf("f");
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
    copyOf("h");
    truncateSync(workspace.path("h", "config.json"), 40);
    const before = contents(workspace.path("h"));
    for (const args of [train("h", "--steps", "3"), ["train", "--run", "h"], ["sample", "h"]]) {
      const { code, stderr } = await workspace.run(...args);
      expect(stderr).toMatch(/config\.json is damaged[\s\S]*--new/);
      expect(code).toBe(2);
    }
    expect(contents(workspace.path("h"))).toEqual(before);
  });

  it("or one with something of another kind in it, is no bug", async () => {
    copyOf("i");
    rmSync(workspace.path("i", "metrics.jsonl"));
    mkdirSync(workspace.path("i", "metrics.jsonl"));
    const { code, stderr } = await workspace.run(...train("i", "--steps", "3"));
    expect(stderr).toMatch(/metrics\.jsonl: it is a folder where a file is expected/);
    expect(code).toBe(2);
  });
});

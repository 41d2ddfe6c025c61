/**
 * Pictures that cannot be read, and files that never end: the commands say so and stop, and Ctrl-C
 * works whatever a decoder is at.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDLESS_PARQUET } from "../../src/data/testing/archives.node.ts";
import { plainPng } from "../../src/data/testing/open.node.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

describe("a folder without one readable picture", () => {
  beforeAll(() => {
    mkdirSync(workspace.path("phone", "more"), { recursive: true });
    writeFileSync(workspace.path("phone", "a.heic"), "x");
    writeFileSync(workspace.path("phone", "more", "b.png"), "x");
    if (process.platform === "win32") return;
    symlinkSync("nowhere", workspace.path("phone", "c.jpg"));
    symlinkSync("/dev/zero", workspace.path("phone", "d.jpg"));
    symlinkSync("..", workspace.path("phone", "more", "round"));
    spawnSync("mkfifo", [workspace.path("phone", "e.jpg"), workspace.path("phone", "metadata.txt")]);
  });

  it.each([
    ["data", "prepare"],
    ["data", "preview"],
    ["train", ...TINY, "--run", "none"],
    ["train", ...TINY, "--dry-run"],
  ])("%s %s: code 2, with the reasons", async (...args) => {
    const at = args[0] === "data" ? 2 : 1;
    const { code, stderr } = await workspace.run(...args.slice(0, at), "phone", ...args.slice(at));
    expect(stderr).toMatch(
      /^error: .*phone: no usable image \(\d found, \d skipped: .*\.heic files cannot be read/m,
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });

  it("data inspect lists them all, and ends with code 2 as well", async () => {
    const { code, stdout } = await workspace.run("data", "inspect", "phone", "--json");
    const { used, skipped } = JSON.parse(stdout) as {
      used: number;
      skipped: { path: string; reason: string }[];
    };
    expect(used).toBe(0);
    const reasons = Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]));
    expect(reasons).toMatchObject({
      "a.heic": expect.stringMatching(/convert them/),
      "more/b.png": "not an image, whatever its name says",
    });
    if (process.platform !== "win32")
      expect(reasons).toMatchObject({
        "c.jpg": expect.stringMatching(/leads nowhere/),
        "d.jpg": expect.stringMatching(/not a file but a device/),
        "e.jpg": expect.stringMatching(/not a file but a device/),
      });
    expect(code).toBe(2);
  });
});

describe("Ctrl-C while a decoder is in a loop without end", () => {
  beforeAll(async () => {
    mkdirSync(workspace.path("tables"));
    const png = new Uint8Array(await plainPng(1, 16));
    const rows = Array.from({ length: 100 }, () => png);
    const buffer = parquetWriteBuffer({ columnData: [{ name: "image", data: rows, type: "BYTE_ARRAY" }] });
    writeFileSync(workspace.path("tables", "a.parquet"), new Uint8Array(buffer));
    writeFileSync(workspace.path("tables", "b.parquet"), ENDLESS_PARQUET);
    await makePictures(workspace.path("pictures"), 64);
    const { code } = await workspace.run("train", "pictures", ...TINY, "--run", "run", "--steps", "1");
    expect(code).toBe(0);
  });

  it.each([
    [["data", "inspect", "parquet:tables"]],
    [["data", "prepare", "parquet:tables"]],
    [["data", "preview", "parquet:tables"]],
    [["train", "parquet:tables", ...TINY, "--run", "stopped"]],
    [["orient", "parquet:tables", "--run", "run"]],
    [["embed", "parquet:tables", "--run", "run"]],
  ])("%j ends at once with 130", async (args) => {
    const call = workspace.start(...args);
    // The last pictures before the damaged file may be under way when the loop begins.
    await call.saw(/images: [6-9]\d of 108/);
    await setTimeout(500); // the next row is in the damaged file
    call.child.kill("SIGINT");
    const { code, stdout, stderr } = await call.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toMatch(/Stopp/);
  });
});

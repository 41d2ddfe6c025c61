/**
 * Data is read in another process: what files do to their decoders ends there, in words, and
 * stopping is immediate.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { isAlive } from "../../base/processes/process.node.ts";
import type { Square } from "../decode/preprocessing.ts";
import { loadInOrder } from "../load.node.ts";
import { resolveSource } from "../sources/registry.node.ts";
import { type Listing, UnusableImage } from "../sources/source.ts";
import { ENDLESS_PARQUET } from "../testing/archives.node.ts";
import { hugePng, put, temporaryFolders, writePictures } from "../testing/images.node.ts";
import { userError } from "../testing/open.node.ts";
import { listInProcess } from "./list-in-process.node.ts";
import { defaultLimits, startReader } from "./process.node.ts";
import { fromWire, toWire } from "./protocol.ts";

const newFolder = temporaryFolders();
const SQUARE: Square = { size: 16, preprocessing: "centre-crop", resize: "lanczos3" };
const QUICK = { ...defaultLimits(), seconds: 1 };

function open(path: string, limits = QUICK, signal?: AbortSignal): Promise<Listing> {
  const { definition, location } = resolveSource(path);
  return listInProcess(definition, { location, split: "all", signal }, limits);
}

/**
 * A drawing that is whole and legal, and takes long to draw: layer upon layer, half of each seen
 * through the next.
 */
function slowDrawing(): string {
  const layers = '<rect width="9" height="9" opacity=".5" fill="url(#g)"/>'.repeat(40_000);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs><radialGradient id="g"/></defs>${layers}</svg>`;
}

describe("a source that is read apart", () => {
  it("gives what it gives when read here", async () => {
    const root = newFolder();
    await writePictures(join(root, "cats"), 5, 20);
    await writePictures(join(root, "dogs"), 5, 24);
    await put(join(root, "dogs/broken.png"), "no");
    const { definition, location } = resolveSource(root);
    const here = await definition.list({ location, split: "all" });
    const found: number[] = [];
    const there = await listInProcess(definition, { location, split: "all", onFound: (n) => found.push(n) });
    const plain = (listing: Listing) => JSON.parse(JSON.stringify(listing)) as unknown;
    expect(plain(there)).toEqual(plain(here));
    for (let i = 0; i < here.paths.length; i++) {
      if (here.paths[i] === "dogs/broken.png") {
        const failed = there.load(i, SQUARE);
        await expect(failed).rejects.toBeInstanceOf(UnusableImage);
        await expect(failed).rejects.toThrow("not an image, whatever its name says");
        continue;
      }
      const [a, b] = [await here.load(i, SQUARE), await there.load(i, SQUARE)];
      expect({ ...b, pixels: [...b.pixels] }).toEqual({ ...a, pixels: [...a.pixels] });
      expect(there.label(i)).toBe(here.label(i));
    }
    await there.close();
    await here.close();
  });

  it("fails as it fails here", async () => {
    const path = join(newFolder(), "broken.zip");
    await put(path, "not an archive");
    const error = await userError(open(path));
    expect(error.message).toMatch(/broken\.zip is damaged or is no zip file/);
    expect(error.hint).toMatch(/Check that the archive is whole/);
  });

  it("errors keep what matters on their way", () => {
    const system = Object.assign(new Error("ENOENT: x"), {
      code: "ENOENT",
      syscall: "open",
      path: "/x",
      errno: -2,
    });
    expect(fromWire(toWire(system))).toMatchObject({
      message: "ENOENT: x",
      code: "ENOENT",
      syscall: "open",
      path: "/x",
    });
    expect(fromWire(toWire(new UserError("a", "b")))).toMatchObject({ message: "a", hint: "b" });
    expect(fromWire(toWire(new UserError("a", "b")))).toBeInstanceOf(UserError);
    const bug = new TypeError("a bug");
    expect(fromWire(toWire(bug)).stack).toBe(bug.stack);
  });
});

describe("a file that does harm to its decoder", () => {
  it("a loop without end in a reader of files ends in an error that names the file", async () => {
    const path = join(newFolder(), "endless.parquet");
    await put(path, ENDLESS_PARQUET);
    const listing = await open(path);
    const error = await userError(Promise.all([listing.load(0, SQUARE), listing.load(1, SQUARE)]));
    expect(error.message).toMatch(/endless\.parquet cannot be read: decoding came to no end/);
    await listing.close();
  });

  it("a picture that takes without end is left out, and all the others are read", async () => {
    const root = newFolder();
    await writePictures(root, 12, 300);
    await put(join(root, "000-slow.svg"), slowDrawing());
    const listing = await open(root);
    const left: string[] = [];
    for await (const { index, image } of loadInOrder(listing, { ...SQUARE, size: 1024 }))
      if (image instanceof UnusableImage) left.push(`${listing.paths[index]}: ${image.message}`);
    expect(left).toEqual(["000-slow.svg: decoding it came to no end: nothing got done in 1 s of computing"]);
    expect(listing.paths).toHaveLength(13);
    await listing.close();
  });

  it("a picture that takes too much memory likewise", async () => {
    const root = newFolder();
    await put(join(root, "large.png"), hugePng(14_000));
    await writePictures(join(root, "small"), 2, 20);
    const listing = await open(root, { seconds: 60, memory: 500e6 });
    const square: Square = { ...SQUARE, resize: "bilinear-tf1" };
    const all = await Promise.allSettled(listing.paths.map((_, index) => listing.load(index, square)));
    expect(all.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(String((all[0] as PromiseRejectedResult).reason)).toMatch(/took more than 500 MB of memory/);
    await listing.close();
  });

  it("a decoder that crashes fails what was asked, in words, and a new one goes on", async () => {
    const reader = startReader(QUICK);
    const asked = reader.ask(
      { ask: "list", source: "folder", location: newFolder(), split: "all" },
      () => true,
    );
    process.kill(reader.pid!, "SIGSEGV");
    await expect(asked).rejects.toMatchObject({
      name: "ReaderEnded",
      message: "SIGSEGV",
      verdict: undefined,
    });
    expect(reader.ended).toBe(true);
  });
});

describe("stopping", () => {
  it("works at once while a decoder is in a loop, and leaves no process behind", async () => {
    const path = join(newFolder(), "endless.parquet");
    await put(path, ENDLESS_PARQUET);
    const stop = new AbortController();
    const listing = await open(path, defaultLimits(), stop.signal);
    const loading = listing.load(0, SQUARE);
    stop.abort(new Error("enough"));
    await expect(loading).rejects.toThrow("enough");
    await expect(listing.load(1, SQUARE)).rejects.toThrow("enough");
    await listing.close();
  });

  it("works before anything is listed", async () => {
    const stop = new AbortController();
    const listing = open(newFolder(), QUICK, stop.signal);
    stop.abort(new Error("never mind"));
    await expect(listing).rejects.toThrow("never mind");
  });

  it("a reader whose parent was killed ends by itself, also in the middle of a loop", async () => {
    const path = join(newFolder(), "endless.parquet");
    await put(path, ENDLESS_PARQUET);
    // Says the number of the process that reads, once that is in the loop for good.
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `
      const { startReader } = await import(${module("./process.node.ts")});
      const reader = startReader({ seconds: 600, memory: 8e9 });
      await reader.ask({ ask: "list", source: "parquet", location: ${JSON.stringify(path)}, split: "all" }, ({ say }) => say === "listing");
      reader.ask({ ask: "load", index: 0, square: ${JSON.stringify(SQUARE)} }, () => false);
      setTimeout(() => console.log(reader.pid), 1000);`;
    const parent = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", script],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

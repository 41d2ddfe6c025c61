/**
 * Checkpoints on disk: whole or not there, checked when read, the old ones kept until the new one
 * is safe.
 */
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { randomStream } from "../../../base/random.ts";
import { UNOBSERVED } from "../../loop/health/health.ts";
import type { Snapshot } from "../../loop/recorder.ts";
import { fakeSteps } from "../../testing/fake.ts";
import {
  listCheckpoints,
  loadCheckpoint,
  newestCheckpoint,
  type Provenance,
  removeLeftovers,
  saveCheckpoint,
  snapshotOf,
} from "./checkpoint.node.ts";

const steps = fakeSteps();
const provenance: Provenance = { config: "c", data: "d", engine: "e" };

function snapshot(step: number): Snapshot {
  const updates = { generator: step, discriminator: 2 * step };
  const streams = { latents: randomStream(step, "latents").save() };
  return {
    progress: {
      ...{ step, updates, streams, health: UNOBSERVED },
      batches: {
        ...{ count: 2 ** 32, epoch: 1, position: step },
        random: { ...randomStream(1, "order").save(), spare: 0.1 + 0.2 },
      },
    },
    state: steps.initialState(step),
  };
}

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "quarterturn-checkpoint-")), "checkpoints");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const save = (step: number, keep = 3): Promise<string> =>
  saveCheckpoint(folder, snapshot(step), steps, provenance, keep);

/** Every file below a folder, as text by name. */
async function contents(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
  const pairs = names.map(async (e): Promise<[string, string]> => {
    const file = join(e.parentPath, e.name);
    return [file.slice(path.length), await readFile(file, "hex")];
  });
  return Object.fromEntries(await Promise.all(pairs));
}

describe("a checkpoint", () => {
  it("gives back the snapshot, to the last bit", async () => {
    const path = await save(7);
    expect(path).toBe(join(folder, "0000007"));
    expect((await readdir(path)).sort()).toEqual(["meta.json", "state.safetensors", "weights.safetensors"]);
    const checkpoint = await loadCheckpoint(path);
    expect(checkpoint.meta.provenance).toEqual(provenance);
    expect(snapshotOf(checkpoint, steps)).toEqual(snapshot(7));
  });

  it("replaces one of the same step, and leaves nothing else behind", async () => {
    await save(7);
    await save(7);
    expect(await readdir(folder)).toEqual(["0000007"]);
  });

  it("is one of the newest so many that are kept", async () => {
    for (const step of [1, 2, 3, 4]) await save(step, 2);
    expect(await listCheckpoints(folder)).toEqual([4, 3]);
    await save(5, 1);
    expect(await listCheckpoints(folder)).toEqual([5]);
    expect(await listCheckpoints(join(folder, "none"))).toEqual([]);
  });

  it("is never removed in favor of one that stands at a later step but was not just written", async () => {
    await save(9);
    await writeFile(join(folder, "0000009", "meta.json"), "");
    await save(5, 1);
    expect(await listCheckpoints(folder)).toContain(5);
  });

  it("sorts by number beyond seven digits", async () => {
    for (const step of [9_999_999, 10_000_000]) await save(step);
    expect((await newestCheckpoint(folder))?.checkpoint.meta.progress.step).toBe(10_000_000);
  });

  it("that was being written or removed when the process died is cleared away", async () => {
    await save(1);
    for (const name of [".writing-0000002", ".removing-0000000"]) await mkdir(join(folder, name));
    expect(await listCheckpoints(folder)).toEqual([1]);
    await removeLeftovers(folder);
    expect(await readdir(folder)).toEqual(["0000001"]);
    await rename(join(folder, "0000001"), join(folder, ".replaced-0000001"));
    await removeLeftovers(folder);
    expect(await readdir(folder)).toEqual(["0000001"]);
  });
});

describe("damage", () => {
  const damages: [string, (path: string) => Promise<void>, RegExp][] = [
    [
      "a truncated file",
      (p) => truncate(join(p, "state.safetensors"), 100),
      /state\.safetensors is damaged: 100 bytes long/,
    ],
    [
      "a flipped bit",
      async (p) => {
        const file = join(p, "weights.safetensors");
        const bytes = await readFile(file);
        bytes[bytes.length - 3]! ^= 1;
        await writeFile(file, bytes);
      },
      /weights\.safetensors is damaged: its checksum does not match/,
    ],
    ["a missing file", (p) => rm(join(p, "weights.safetensors")), /weights\.safetensors is missing/],
    [
      "a truncated meta.json",
      (p) => truncate(join(p, "meta.json"), 50),
      /meta\.json is damaged: it is not JSON/,
    ],
    ["an empty folder", (p) => rm(join(p, "meta.json")), /meta\.json is missing/],
    [
      "a foreign meta.json",
      (p) => writeFile(join(p, "meta.json"), '{"epoch": 3}'),
      /is not a checkpoint of this program/,
    ],
    [
      "an edited meta.json",
      async (p) => {
        const text = await readFile(join(p, "meta.json"), "utf8");
        await writeFile(join(p, "meta.json"), text.replace('"step": 8', '"step": 9'));
      },
      /meta\.json is damaged: its checksum/,
    ],
  ];

  it.each(damages)("%s is found, and the checkpoint before it used", async (_, damage, reason) => {
    await save(4);
    const path = await save(8);
    await damage(path);
    await expect(loadCheckpoint(path)).rejects.toThrow(reason);
    await expect(loadCheckpoint(path)).rejects.toBeInstanceOf(UserError);
    const newest = await newestCheckpoint(folder);
    expect(newest?.checkpoint.meta.progress.step).toBe(4);
    expect(newest?.damaged).toEqual([{ path, reason: expect.stringMatching(reason) }]);
  });

  it("of every checkpoint is an error that names each", async () => {
    for (const step of [4, 8]) await truncate(join(await save(step), "meta.json"), 9);
    const error = await newestCheckpoint(folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/0000008.*\n.*0000004/);
  });
});

/**
 * A way to run a command with a tiny disk of its own, private to it; undefined where the system
 * does not allow that.
 */
const tinyDisk = [["-m"], ["-U", "-r", "-m"]].find(
  (flags) =>
    process.platform === "linux" &&
    spawnSync("unshare", [...flags, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmpdir()]).status ===
      0,
);

describe("a full disk", () => {
  // Skipped where neither root nor user namespaces can mount a small tmpfs: nothing else fills up for real.
  it.skipIf(tinyDisk === undefined)(
    "is an error that says how much is needed, and leaves everything as it was",
    async () => {
      const disk = join(folder, "..", "disk");
      await mkdir(disk);
      const script = new URL("../../testing/fill-disk.ts", import.meta.url).pathname;
      const command = 'mount -t tmpfs -o size=256k tmpfs "$1" && exec "$2" --import tsx "$3" "$1"';
      const { stdout } = await promisify(execFile)("unshare", [
        ...tinyDisk!,
        ...["sh", "-c", command, "sh", disk, process.execPath, script],
      ]);
      const report = JSON.parse(stdout) as {
        message: string;
        hint: string;
        name: string;
        before: unknown;
        after: unknown;
      };
      expect(report.name).toBe("UserError");
      expect(report.message).toMatch(
        /disk is full: .*0000002 could not be written \(ENOSPC\)\. It needs 4\d\d\.\d kB, \d+\.\d kB are free/,
      );
      expect(report.hint).toContain("Make room");
      expect(report.after).toEqual(report.before);
      expect(report.before).toEqual([
        "0000001",
        "0000001/meta.json",
        "0000001/state.safetensors",
        "0000001/weights.safetensors",
      ]);
    },
  );

  it("or any other failure while writing leaves everything as it was", async () => {
    await save(4);
    await cp(folder, join(folder, "..", "copy"), { recursive: true });
    // Progress that is no JSON fails at meta.json, when the tensors have been written.
    const unwritable = { ...snapshot(8), progress: { ...snapshot(8).progress, batches: 1n } };
    await expect(saveCheckpoint(folder, unwritable, steps, provenance, 1)).rejects.toThrow(TypeError);
    expect(await contents(folder)).toEqual(await contents(join(folder, "..", "copy")));
  });
});

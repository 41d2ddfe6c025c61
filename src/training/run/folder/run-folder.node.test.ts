/** Which folder a command means, and when it may have it. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { batchOrder } from "../../../data/store/batches.ts";
import { UNOBSERVED } from "../../loop/health/health.ts";
import { fakeConfig, fakeSteps } from "../../testing/fake.ts";
import { saveCheckpoint } from "../checkpoint/checkpoint.node.ts";
import { checkpointsIn, type OpenRunOptions, openRun, type RunFolder } from "./run-folder.node.ts";
import { runName } from "./run-name.node.ts";

let root: string;
const open: RunFolder[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-folder-"));
});
afterEach(async () => {
  for (const run of open.splice(0)) await run.close();
  await rm(root, { recursive: true, force: true });
});

/** Open, note the folder below the root and how, close again. */
async function visit(options: Partial<OpenRunOptions>): Promise<string> {
  const run = await openRun({ config: fakeConfig(), runsDir: root, ...options });
  await run.close();
  return `${run.kind} ${run.dir.slice(root.length + 1)}`;
}

/** Give a run a checkpoint. */
async function checkpoint(name: string): Promise<void> {
  const steps = fakeSteps();
  const progress = {
    step: 5,
    updates: { generator: 5, discriminator: 5 },
    streams: { latents: { words: [1, 2, 3, 4] as const, spare: null } },
    batches: batchOrder(8, 4, 1).save(),
    health: UNOBSERVED,
  };
  const provenance = { config: "", data: "", engine: "" };
  await saveCheckpoint(
    checkpointsIn(join(root, name)),
    { progress, state: steps.initialState(1) },
    steps,
    provenance,
    3,
  );
}

const other = fakeConfig({ discIters: 4 });

describe("run names", () => {
  it.each([
    [null, "emoji-32"],
    ["emoji", "emoji-32"],
    ["cifar10:/data/cifar", "cifar10-32"],
    ["/home/me/My Cats & Dogs/", "my-cats-dogs-32"],
    ["C:\\pictures", process.platform === "win32" ? "pictures-32" : "c-pictures-32"],
    ["Äpfel in München", "apfel-in-munchen-32"],
    ["हिन्दी", "हिन्दी-32"],
    ["/", "run-32"],
  ])("%s → %s", (source, name) => {
    expect(runName({ data: { source, resolution: 32 } })).toBe(name);
  });
});

describe("opening a run", () => {
  it("begins where there is nothing, and continues with the same command", async () => {
    expect(await visit({})).toBe("fresh toys-8");
    await checkpoint("toys-8");
    expect(await visit({})).toBe("continued toys-8");
    expect(await visit({ dir: join(root, "deep", "er") })).toBe("fresh deep/er");
  });

  it("finds the run of this configuration among several of one name", async () => {
    await visit({});
    await checkpoint("toys-8");
    await expect(visit({ config: other })).rejects.toThrow("training.discIters: 2 → 4");
    expect(await visit({ config: other, mode: "new" })).toBe("fresh toys-8-2");
    await checkpoint("toys-8-2");
    expect(await visit({ config: other })).toBe("continued toys-8-2");
    expect(await visit({})).toBe("continued toys-8");
    expect(await visit({ mode: "new" })).toBe("fresh toys-8-3");
  });

  it("takes a changed configuration when there is nothing to lose yet", async () => {
    await visit({});
    expect(await visit({ config: other })).toBe("fresh toys-8");
  });

  it("forks the named run, or the last of the name, and leaves no empty folder behind", async () => {
    await expect(visit({ mode: "fork" })).rejects.toThrow("no run");
    await visit({});
    await expect(visit({ mode: "fork" })).rejects.toThrow("no checkpoint to fork from");
    expect(await readdir(root)).toEqual(["toys-8"]);
    await checkpoint("toys-8");
    expect(await visit({ mode: "fork", config: other })).toBe("forked toys-8-2");
    expect(await readdir(root)).toEqual(["toys-8"]);
    expect(await visit({ mode: "fork", config: other, step: 5 })).toBe("forked toys-8-2");
    const missing = await visit({ mode: "fork", config: other, step: 4 }).catch((e: unknown) => e);
    expect(missing).toMatchObject({
      message: expect.stringContaining("no checkpoint of step 4"),
      hint: expect.stringContaining("5"),
    });
    expect(await readdir(root)).toEqual(["toys-8"]);
  });

  it("refuses a folder in use by another process, and gives it free after a refusal", async () => {
    await visit({});
    await checkpoint("toys-8");
    open.push(await openRun({ config: fakeConfig(), runsDir: root }));
    await expect(visit({})).rejects.toThrow(`in use by process ${process.pid}`);
    await open.pop()!.close();
    await expect(visit({ dir: join(root, "toys-8"), config: other })).rejects.toThrow(
      "another configuration",
    );
    expect(await visit({})).toBe("continued toys-8");
  });

  it("refuses what is not a run folder, without touching it", async () => {
    await mkdir(join(root, "photos"));
    await writeFile(join(root, "photos", "cat.jpg"), "");
    await writeFile(join(root, "file"), "");
    for (const [name, reason] of [
      ["photos", "exists and is not a run folder"],
      ["file", "exists and is not a run folder"],
      ["file/run", "file in the way"],
    ] as const) {
      const error = await visit({ dir: join(root, name) }).catch((e: unknown) => e);
      expect(error, name).toBeInstanceOf(UserError);
      expect((error as UserError).message).toContain(reason);
    }
    expect(await readdir(join(root, "photos"))).toEqual(["cat.jpg"]);
  });

  it("walks around a folder of the automatic name that is no run", async () => {
    await mkdir(join(root, "toys-8"));
    await writeFile(join(root, "toys-8", "mine.txt"), "");
    expect(await visit({})).toBe("fresh toys-8-2");
  });

  it("clears up what a killed process left unfinished, and only that", async () => {
    await visit({});
    const alive = `a.png.${process.ppid}.tmp`;
    // No process has a number above the kernel's own limit.
    for (const name of ["a.png.99999999.tmp", alive, "notes.tmp"])
      await writeFile(join(root, "toys-8", name), "");
    await visit({});
    expect((await readdir(join(root, "toys-8"))).sort()).toEqual([alive, "config.json", "notes.tmp"]);
  });

  /** A lock of a process that is gone: no process has a number above the kernel's own limit. */
  const deadLock = JSON.stringify({
    pid: 99999999,
    host: hostname(),
    processStart: null,
    since: "",
    id: "x",
  });

  it("begins where a process was killed before it had written config.json", async () => {
    for (const dir of [undefined, join(root, "toys-8")]) {
      await mkdir(join(root, "toys-8"));
      for (const name of ["config.json.1.99999999.tmp", "lock.json.0f8fad5b.99999999.tmp"])
        await writeFile(join(root, "toys-8", name), "{");
      await writeFile(join(root, "toys-8", "lock.json"), deadLock);
      expect(await visit({ dir })).toBe("fresh toys-8");
      expect(await readdir(join(root, "toys-8"))).toEqual(["config.json"]);
      await rm(join(root, "toys-8"), { recursive: true });
    }
  });

  it("a fork that was killed before it was a run leaves its place to the next", async () => {
    await visit({});
    await checkpoint("toys-8");
    const left = join(root, "toys-8-2");
    await mkdir(join(left, "checkpoints", ".writing-0000005"), { recursive: true });
    for (const name of ["metrics.jsonl", "environment.json.3.99999999.tmp"])
      await writeFile(join(left, name), "");
    await writeFile(join(left, "lock.json"), deadLock);
    open.push(await openRun({ config: other, runsDir: root, mode: "fork" }));
    expect(open[0]?.dir).toBe(left);
    expect(await readdir(left)).toEqual(["lock.json"]);
    await open.pop()!.close();
    expect(await readdir(root)).toEqual(["toys-8"]);
  });

  it("files that look like those of a run are not touched where no lock says whose they are", async () => {
    const dir = join(root, "mine");
    await mkdir(join(dir, "samples"), { recursive: true });
    await writeFile(join(dir, "metrics.jsonl"), "mine");
    await expect(visit({ dir })).rejects.toThrow("exists and is not a run folder");
    await writeFile(join(dir, "lock.json"), deadLock);
    await writeFile(join(dir, "thesis.tex"), "mine");
    await expect(visit({ dir })).rejects.toThrow("exists and is not a run folder");
    expect((await readdir(dir)).sort()).toEqual(["lock.json", "metrics.jsonl", "samples", "thesis.tex"]);
  });

  it("refuses a damaged config.json", async () => {
    await visit({});
    await writeFile(join(root, "toys-8", "config.json"), "{");
    await expect(visit({})).rejects.toThrow("config.json is damaged");
  });
});

/** One process per run folder. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { lockedBy, lockFolder } from "./lock.node.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-lock-"));
  path = join(folder, "lock.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A lock as another process would have left it. */
async function foreignLock(pid: number, host: string, ageSeconds = 0, processStart: string | null = null) {
  await writeFile(path, JSON.stringify({ pid, host, processStart, since: "2026-01-01T00:00:00Z", id: "x" }));
  const then = new Date(Date.now() - ageSeconds * 1000);
  await utimes(path, then, then);
}

/** The number of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("lockFolder", () => {
  it("keeps others out until it is released", async () => {
    const lock = await lockFolder(folder);
    expect(await lockedBy(folder)).toMatchObject({ pid: process.pid, host: hostname() });
    const error = await lockFolder(folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(`in use by process ${process.pid} on ${hostname()}`);
    await lock.release();
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  it("lets exactly one of many in at once, with a stale lock in the way or not", async () => {
    for (const stale of [false, true]) {
      if (stale) await foreignLock(deadPid(), hostname());
      const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
      const winners = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(winners.length, `stale: ${stale}`).toBe(1);
      for (const one of all) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(UserError);
      await winners[0]!.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("refuses while another process lives, however old its lock", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      await foreignLock(other.pid!, hostname(), 9999);
      await expect(lockFolder(folder)).rejects.toThrow(`process ${other.pid} on ${hostname()}`);
      expect(JSON.parse(await readFile(path, "utf8")).pid).toBe(other.pid);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("takes over the lock of a process that is gone, however fresh, and says whose it was", async () => {
    const pid = deadPid();
    await foreignLock(pid, hostname());
    const lock = await lockFolder(folder);
    expect(lock.tookOver?.pid).toBe(pid);
    await lock.release();
  });

  it.runIf(process.platform === "linux")("is not fooled by a process number used again", async () => {
    await foreignLock(process.pid, hostname(), 0, "12");
    const lock = await lockFolder(folder);
    expect(lock.tookOver?.pid).toBe(process.pid);
    await lock.release();
  });

  it("takes over at once from a process that is being killed", async () => {
    for (let round = 0; round < 6; round++) {
      const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log(1)"]);
      await new Promise((ready) => other.stdout.once("data", ready));
      await foreignLock(other.pid!, hostname());
      other.kill("SIGKILL");
      const lock = await lockFolder(folder);
      expect(lock.tookOver?.pid).toBe(other.pid);
      await lock.release();
    }
  });

  it.runIf(process.platform === "linux")("a zombie holds nothing", async () => {
    // What the shell started ends, and the program that the shell became never asks how.
    const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 1000"]);
    try {
      const pid = Number(await new Promise((said) => parent.stdout.once("data", said)));
      while (!/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8"))) await sleep(5);
      await foreignLock(pid, hostname());
      expect(await lockedBy(folder)).toBeUndefined();
      const lock = await lockFolder(folder);
      expect(lock.tookOver?.pid).toBe(pid);
      await lock.release();
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it.runIf(process.platform === "linux")(
    "a lock from before the machine was started anew holds nothing",
    async () => {
      const lock = await lockFolder(folder);
      const mine = JSON.parse(await readFile(path, "utf8"));
      await lock.release();
      const decades = 1e9;
      // As old as can be, of a process that had the number and the start of this one.
      await writeFile(path, JSON.stringify({ ...mine, boot: "another" }));
      const then = new Date(Date.now() - decades * 1000);
      await utimes(path, then, then);
      await (await lockFolder(folder)).release();
      // Another machine of the same name on the same disk touches its lock now and then.
      await writeFile(path, JSON.stringify({ ...mine, pid: deadPid(), boot: "another" }));
      await expect(lockFolder(folder)).rejects.toThrow("is in use");
    },
  );

  it("removes what killed processes left of their locks, under the names of all versions", async () => {
    const [dead, id] = [deadPid(), "0f8fad5b-d9cb-469f-a165-70867728950e"];
    const holder = { pid: dead, host: hostname(), processStart: null, since: "2026-01-01", id };
    const alive = `lock.json.${id}.${process.ppid}.tmp`;
    for (const name of [`lock.json.${id}`, `lock.json.${id}.${dead}.tmp`, alive])
      await writeFile(join(folder, name), JSON.stringify(holder));
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([alive]);
  });

  it("waits for a lock that is being written, and takes one that never was", async () => {
    await writeFile(path, '{"pid":');
    const then = new Date(Date.now() - 60_000);
    await utimes(path, then, then);
    await (await lockFolder(folder)).release();
    await writeFile(path, '{"pid":');
    const waiting = lockFolder(folder);
    await foreignLock(process.ppid, hostname());
    await expect(waiting).rejects.toThrow(`in use by process ${process.ppid}`);
  });

  it("believes the heartbeat of another host", async () => {
    await foreignLock(1, "elsewhere", 30);
    await expect(lockFolder(folder)).rejects.toThrow("process 1 on elsewhere");
    await foreignLock(1, "elsewhere", 300);
    await (await lockFolder(folder)).release();
  });

  it("does not release what another has taken over since", async () => {
    const lock = await lockFolder(folder);
    await foreignLock(1, "elsewhere");
    await lock.release();
    expect(JSON.parse(await readFile(path, "utf8")).host).toBe("elsewhere");
  });
});

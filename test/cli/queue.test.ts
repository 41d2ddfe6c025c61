/**
 * A sweep through a real Redis, with real workers: killed, stopped, cut off from the queue, in competition. In the end the bits are those of a
 * sweep that nobody disturbed. Needs Debian's redis-server (or any other on the PATH); without one these tests are skipped, but not in CI.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet, freePort } from "./fleet-support.ts";
import { makePictures, Workspace } from "./support.ts";
import { SWEEP, trainerOf } from "./sweep-support.ts";

const PASSWORD = "hush-9c1f";
const available = spawnSync("redis-server", ["--version"]).status === 0;
if (!available && process.env.CI) throw new Error("redis-server is missing: apt-get install redis-server");

const workspace = new Workspace();
let port = 0;
let redis: ChildProcess | undefined;
const url = (): string => `redis://:${PASSWORD}@127.0.0.1:${port}`;

/** Start Redis; what it was told before it was killed is on its disk. */
async function startRedis(): Promise<void> {
  redis = spawn(
    "redis-server",
    [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--requirepass",
      PASSWORD,
      "--dir",
      workspace.folder,
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
      "--save",
      "",
    ],
    { stdio: "ignore" },
  );
  const client = new Redis(url(), { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await client.ping();
  client.disconnect();
}

async function killRedis(): Promise<void> {
  const gone = new Promise((resolve) => redis!.once("exit", resolve));
  redis!.kill("SIGKILL");
  await gone;
}

const fleet = new Fleet(workspace, url, PASSWORD);

afterAll(() => workspace.remove());

describe.skipIf(!available)("a sweep through Redis", () => {
  beforeAll(async () => {
    port = await freePort();
    await startRedis();
    await makePictures(workspace.path("pictures"), 66);
    writeFileSync(workspace.path("grid.yaml"), SWEEP);
    expect(await workspace.run("sweep", "grid.yaml", "--out", "whole")).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    fleet.kill();
    await killRedis();
  });

  it("two workers on one queue share the runs; the password is nowhere", async () => {
    const workers = [fleet.worker("shared"), fleet.worker("shared")];
    await fleet.expectWhole("shared", fleet.sweep("shared"));
    await fleet.stop(...workers);
    const said = (await Promise.all(workers.map(({ ended }) => ended))).map(
      ({ stdout, stderr }) => stdout + stderr,
    );
    // The sweep is over with the last checkpoint, so that a worker may be told to end before it has said "done".
    expect(said.join("").match(/: training, attempt 1\n/g)).toHaveLength(2);
    expect(said.join("")).not.toContain(PASSWORD);
    const files = readdirSync(workspace.path("shared"), { recursive: true, withFileTypes: true });
    for (const entry of files.filter((file) => file.isFile() && !file.name.endsWith(".png")))
      expect(readFileSync(join(entry.parentPath, entry.name), "latin1")).not.toContain(PASSWORD);
  });

  it("a machine that dies in mid-run: another worker goes on from its last checkpoint", async () => {
    const first = fleet.worker("died");
    const call = fleet.sweep("died");
    const trainer = await trainerOf(workspace, "died", 3);
    first.child.kill("SIGKILL");
    process.kill(trainer, "SIGKILL");
    const second = fleet.worker("died");
    await fleet.expectWhole("died", call);
    await fleet.stop(second);
  });

  it("Redis is killed in mid-run and comes back", async () => {
    const only = fleet.worker("cut-off");
    const call = fleet.sweep("cut-off");
    await trainerOf(workspace, "cut-off", 3);
    await killRedis();
    await setTimeout(1500);
    await startRedis();
    await fleet.expectWhole("cut-off", call);
    await fleet.stop(only);
  });

  it("a worker that is told to end saves and gives its run back", async () => {
    const first = fleet.worker("stopped");
    const call = fleet.sweep("stopped");
    await trainerOf(workspace, "stopped", 3);
    await fleet.stop(first);
    expect((await first.ended).stdout).toMatch(/: saved\n/);
    const second = fleet.worker("stopped");
    await fleet.expectWhole("stopped", call);
    await fleet.stop(second);
  });

  it("the same sweep put in twice, and a run that an orphan still trains: every run is trained once", async () => {
    const first = fleet.worker("twice");
    const [a, b] = [fleet.sweep("twice"), fleet.sweep("twice")];
    await trainerOf(workspace, "twice", 3);
    // The worker dies, its child lives on; the next worker finds the folder taken and leaves it for later.
    first.child.kill("SIGKILL");
    const second = fleet.worker("twice");
    await fleet.expectWhole("twice", a);
    await fleet.expectWhole("twice", b);
    await fleet.stop(second);
  });
});

it.each([
  ["http://localhost", /cannot be reached by http/],
  ["not a url", /not a URL/],
])("a worker refuses the address %s without repeating what may be secret", async (address, message) => {
  const { code, stderr } = await workspace.run("worker", "--queue", address);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

/**
 * A sweep through a real Redis, with real workers: killed, stopped, cut off from the queue, in
 * competition. In the end the bits are those of a sweep that nobody disturbed. Needs Debian's
 * redis-server (or any other on the PATH); without one these tests are skipped, but not in CI.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweep } from "../../src/library/sweep.ts";
import type { ChildEnd } from "../../src/sweep/child.ts";
import { openQueue } from "../../src/sweep/queue.ts";
import { runFleetWorker } from "../../src/sweep/worker.ts";
import { Workspace } from "../cli/support.ts";
import { goOnToEnd, STEPS, SWEEP, trainerOf } from "../cli/sweep-support.ts";
import { describeWith } from "../support/needs.ts";
import { Fleet, freePort, killServer } from "./fleet-support.ts";
import { prepareSweep, queueCases } from "./queue-cases.ts";

const PASSWORD = "hush-9c1f";
const available = spawnSync("redis-server", ["--version"]).status === 0;
if (!available && process.env.CI) throw new Error("redis-server is missing: apt-get install redis-server");
const missing = available ? undefined : "no redis-server on the PATH (Debian: apt-get install redis-server)";

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

const killRedis = (): Promise<void> => killServer(redis!, "SIGKILL");

const fleet = new Fleet(workspace, url, PASSWORD);

afterAll(() => workspace.remove());

describeWith(missing, "a sweep through Redis", () => {
  beforeAll(async () => {
    port = await freePort();
    await startRedis();
    await prepareSweep(workspace);
  });
  afterAll(async () => {
    fleet.kill();
    await killRedis();
  });

  queueCases({ workspace, fleet, password: PASSWORD, kill: killRedis, start: startRedis });

  it("the same sweep put in twice, and a run that an orphan still trains: every run is trained once", async () => {
    const first = fleet.worker("twice");
    const [a, b] = [fleet.sweep("twice"), fleet.sweep("twice")];
    const orphan = await trainerOf(workspace, "twice", 3);
    // The worker dies, its child lives on; the next worker finds the folder taken and leaves it for later.
    first.child.kill("SIGKILL");
    const second = fleet.worker("twice");
    await second.saw(/another process still trains it/);
    process.kill(orphan, "SIGCONT");
    await fleet.expectWhole("twice", a);
    await fleet.expectWhole("twice", b);
    await fleet.stop(second);
  });

  describe("a queue that has lost its runs is filled again", () => {
    /** What Redis answers; it is asked until it does. */
    const ask = async <T>(question: (client: Redis) => Promise<T>): Promise<T> => {
      const client = new Redis(url(), { maxRetriesPerRequest: null, retryStrategy: () => 50 });
      client.on("error", () => undefined);
      return question(client).finally(() => client.disconnect());
    };
    /** Wait until the sweep has put both of its runs in. */
    const filled = async (name: string): Promise<void> => {
      while ((await ask((client) => client.llen(`bull:${name}:wait`))) < 2) await setTimeout(20);
    };

    it("before anybody has taken one, and the sweep says so", async () => {
      const call = fleet.sweep("emptied");
      await filled("emptied");
      await ask((client) => client.flushall());
      const only = fleet.worker("emptied");
      await fleet.expectWhole("emptied", call);
      expect((await call.ended).stderr).toMatch(/the queue has lost \d runs?.*They are put in again/);
      await fleet.stop(only);
    });

    it("while one is trained", async () => {
      const first = fleet.worker("emptied-late");
      const call = fleet.sweep("emptied-late");
      const trainer = await trainerOf(workspace, "emptied-late", 3);
      await ask((client) => client.flushall());
      process.kill(trainer, "SIGCONT");
      await fleet.expectWhole("emptied-late", call);
      await fleet.stop(first);
    });
  });

  it("a run that another process takes at the last moment is left to it, and looked after later", async () => {
    const queue = openQueue(url(), "raced");
    const point = { id: "a", label: "a", seed: 1, steps: 1, arguments: [], folder: workspace.folder };
    await queue.add("point", point, { attempts: 1 });
    const enough = new AbortController();
    const ends: ChildEnd[] = [{ kind: "refused", message: "in use" }, { kind: "done" }];
    // Free before the first child starts, taken when it is refused; free again for the second.
    const taken = [false, true];
    const events: string[] = [];
    await runFleetWorker({
      ...{
        url: url(),
        queueName: "raced",
        jobs: 1,
        command: [],
        environment: {},
        lockDuration: 1000,
      },
      start: () => ({ pid: undefined, ended: Promise.resolve(ends.shift()!), stop: () => undefined }),
      isTaken: async () => taken.shift() ?? false,
      stepOf: async () => 0,
      signal: enough.signal,
      onEvent: (_, event) => {
        events.push(event);
        if (/^(done|failed)/.test(event)) enough.abort();
      },
    });
    await queue.close();
    expect(events).toEqual([
      "training, attempt 1",
      "another process still trains it; left for later",
      "training, attempt 1",
      "done",
    ]);
  });

  it("a program puts a sweep in and lets go of it; called again, it follows the sweep to its end", async () => {
    const file = workspace.path("once.yaml");
    const once = SWEEP.replace(`steps: ${STEPS}`, "steps: 1").replace(/grid:[\s\S]*/, "");
    writeFileSync(file, once.replace("data: pictures", `data: ${workspace.path("pictures")}`));
    const lines: string[] = [];
    const call = {
      ...{ queue: url(), queueName: "program", out: workspace.path("program") },
      onLine: (line: string) => void lines.push(line),
    };
    const enough = new AbortController();
    // It is let go of as soon as it is in the queue, which nobody takes runs from yet.
    const onLine = (line: string): void => {
      call.onLine(line);
      if (/are in the queue/.test(line)) enough.abort();
    };
    const left = await sweep.enqueue(file, { ...call, onLine, signal: enough.signal });
    expect(left.points.map(({ step }) => step)).toEqual([0]);
    const worker = fleet.worker("program");
    const { points } = await sweep.enqueue(file, call);
    expect(points).toMatchObject([{ state: "done", step: 1 }]);
    await fleet.stop(worker);
    expect(lines.filter((line) => /: done$/.test(line))).toHaveLength(1);
    expect(lines.join("\n")).not.toContain(PASSWORD);
    await expect(sweep.enqueue(file, { ...call, queue: url().replace(PASSWORD, "wrong") })).rejects.toThrow(
      /refuses: WRONGPASS/,
    );
  });

  it("exit codes are those of a sweep without a queue: 1 for a run that kept crashing, 2 for one that was refused", async () => {
    const through = (file: string, name: string) =>
      workspace.run("sweep", file, "--out", name, "--queue", url(), "--queue-name", name, "--retries", "0");
    writeFileSync(workspace.path("nowhere.yaml"), SWEEP.replace("data: pictures", "data: ./nowhere"));
    const first = fleet.worker("crashes");
    const crashed = through("grid.yaml", "crashes");
    process.kill(await trainerOf(workspace, "crashes", 3), "SIGKILL");
    const second = fleet.worker("mistakes");
    const refused = await through("nowhere.yaml", "mistakes");
    expect(refused.stdout).toMatch(/: failed \([^)]*nowhere/);
    expect(refused.code).toBe(2);
    const { code, stdout } = await crashed;
    expect(stdout).toMatch(/: failed \(ended by SIGKILL\)/);
    expect(code).toBe(1);
    await fleet.stop(first, second);
  });

  it("a wrong password is refused, and not repeated", async () => {
    for (const args of [["worker"], ["sweep", "grid.yaml", "--out", "refused"]]) {
      const wrong = `redis://:not-${PASSWORD}@127.0.0.1:${port}`;
      const { code, stdout, stderr } = await workspace.run(...args, "--queue", wrong);
      expect(code).toBe(2);
      expect(stderr).toMatch(/The queue at redis:\/\/…@127.0.0.1:\d+ refuses: WRONGPASS/);
      expect(stdout + stderr).not.toContain(PASSWORD);
    }
  });

  it("a server that no longer answers keeps neither worker nor sweep", async () => {
    const worker = fleet.worker("silent");
    const call = fleet.sweep("silent");
    const trainer = await trainerOf(workspace, "silent", 3);
    redis!.kill("SIGSTOP");
    try {
      const stopped = fleet.stop(call, worker);
      await goOnToEnd(trainer);
      await stopped;
    } finally {
      redis!.kill("SIGCONT");
    }
  });
});

it.each(["redis", "postgres"])(
  "nobody at the address of a %s queue: both commands say so, and one signal ends them",
  async (kind) => {
    writeFileSync(workspace.path("nobody.yaml"), SWEEP);
    const address = `${kind}://me:${PASSWORD}@127.0.0.1:${await freePort()}`;
    for (const args of [["worker"], ["sweep", "nobody.yaml", "--out", "nobody"]]) {
      const call = workspace.start(...args, "--queue", address);
      await call.saw(/warning: the queue: .*ECONNREFUSED/);
      call.child.kill("SIGINT");
      const { code, stdout, stderr } = await call.ended;
      expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
      expect(stdout).not.toContain(PASSWORD);
      if (args[0] === "worker") expect(stdout).toContain("Stopped; nothing was under way.");
    }
  },
);

it.each([
  ["http://localhost", /cannot be reached by http/],
  ["not a url", /not a URL/],
])("a worker refuses the address %s without repeating what may be secret", async (address, message) => {
  const { code, stderr } = await workspace.run("worker", "--queue", address);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

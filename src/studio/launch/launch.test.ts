/**
 * Trainings started from the page: what is refused, and that nothing is started but what a dry run
 * looked at.
 */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndexStore } from "../runs/index-store.ts";
import { createRunCatalog } from "../runs/run-catalog.ts";
import { createApp } from "../server/app.ts";
import { HOME, page, TOKEN } from "../testing/served.ts";
import { createLauncher, type Launcher } from "./launcher.ts";
import { folderBelow, listFolder } from "./place.ts";
import { type ProcessEnd, startProcess } from "./process.ts";
import type { LaunchJob } from "./protocol.ts";

let base: string;
let images: string;
let runs: string;
/** Commands that were started, and how to end the latest. */
const started: string[][] = [];
let finish: (end: ProcessEnd) => void = () => undefined;
let stopped = 0;

const launcher = (): Launcher =>
  createLauncher(
    {
      images,
      command: ["node", "quarterturn"],
      start(command) {
        started.push([...command]);
        const ended = new Promise<ProcessEnd>((resolve) => {
          finish = resolve;
        });
        const stop = (): void => {
          stopped++;
          finish("stopped");
        };
        return { ended, lines: () => ["one", "error: too small", "Make it larger."], stop };
      },
    },
    runs,
  );
const settled = () => new Promise((next) => setImmediate(next));

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "quarterturn-launch-")));
  [images, runs] = [join(base, "images"), join(base, "runs")];
  for (const folder of ["images/cats/big", "images/leads/deep", "images/.hidden", "runs/taken", "secret"])
    await mkdir(join(base, folder), { recursive: true });
  await writeFile(join(images, "cats", "a.png"), "");
  await writeFile(join(images, "cats", "b.JPG"), "");
  await writeFile(join(images, "cats", "notes.txt"), "");
  await writeFile(join(base, "secret", "s.png"), "");
  await symlink(join(base, "secret"), join(images, "out"));
  await symlink(join(images, "cats"), join(images, "within"));
  await symlink(join(base, "secret", "s.png"), join(images, "leads", "deep", "s.png"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

describe("a folder of images", () => {
  it("is chosen below the root: its folders and how many images it has, no links, nothing hidden", async () => {
    expect(await listFolder(images, "")).toEqual({ path: "", folders: ["cats", "leads"], images: 0 });
    expect(await listFolder(images, "cats")).toEqual({ path: "cats", folders: ["big"], images: 2 });
    expect(await folderBelow(images, "cats/big")).toBe(join(images, "cats", "big"));
  });

  it.each([
    "..",
    "cats/..",
    "cats/../../secret",
    "/etc",
    "//etc",
    "./cats",
    "cats/",
    "cats//big",
    "cats\\..\\..\\secret",
    "cats\0",
    "out",
    "out/s.png",
    "within",
    "cats/a.png",
    "nowhere",
    "x".repeat(5000),
    null,
    7,
    ["cats"],
  ])("is not %j", async (path) => {
    const refusal = await listFolder(images, path).catch((error: Error) => error.message);
    expect(refusal).toMatch(/no folder that images can be taken from/);
    expect(refusal).not.toContain(base);
  });

  it("may be a root that is itself reached by a link", async () => {
    await symlink(images, join(base, "by-link"));
    expect(await folderBelow(join(base, "by-link"), "cats")).toBe(join(images, "cats"));
  });
});

describe("a training", () => {
  const refusal = (body: unknown) =>
    launcher()
      .plan(body)
      .then(
        () => "not refused",
        (error: Error) => error.message,
      );

  it.each([
    [null, /request is not as it should be/],
    [{ folder: null }, /Either steps or a time/],
    [{ folder: null, steps: 5, time: "5m" }, /Either steps or a time/],
    [{ folder: null, steps: 0 }, /steps is not as it should be/],
    [{ folder: null, steps: 5, run: "/etc" }, /not as it should be/],
    [{ folder: null, time: "soon" }, /expected a duration/],
    [{ folder: null, steps: 5, preset: "--set" }, /Unknown preset/],
    [{ folder: null, steps: 5, resolution: 1e9 }, /resolution is not as it should be/],
    [{ folder: "../secret", steps: 5 }, /no folder that images/],
    [{ folder: "out", steps: 5 }, /no folder that images/],
    [{ folder: "leads", steps: 5 }, /leads.deep.s\.png is a link that leads out/],
    [{ folder: null, steps: 5, name: "../away" }, /cannot be the name of a run/],
    [{ folder: null, steps: 5, name: ".trash" }, /cannot be the name of a run/],
    [{ folder: null, steps: 5, name: "-x" }, /cannot be the name of a run/],
    [{ folder: null, steps: 5, name: "taken" }, /something called taken already/],
  ])("is refused: %j", async (body, words) => {
    started.length = 0;
    expect(await refusal(body)).toMatch(words);
    expect(started).toEqual([]);
  });

  it("is what a dry run looked at, one at a time, and ends with the studio", async () => {
    started.length = 0;
    const own = launcher();
    const ticketOf = () => (own.state() as { job: LaunchJob }).job.ticket;
    await expect(own.train("guessed")).rejects.toThrow(/Make a dry run first|latest dry run/);
    const request = { folder: "cats", steps: 5, resolution: 16, preset: "laptop" };
    expect(await own.plan(request)).toMatchObject({ kind: "plan", state: "running", run: "cats" });
    const train = ["node", "quarterturn", "train", join(images, "cats"), "--preset", "laptop"];
    const rest = ["--resolution", "16", "--steps", "5", "--run", join(runs, "cats"), "--no-studio"];
    expect(started).toEqual([[...train, ...rest, "--dry-run"]]);
    await expect(own.plan(request)).rejects.toThrow(/dry run is under way/);
    expect(ticketOf()).toBeUndefined();
    finish("done");
    await settled();
    await expect(own.train("guessed")).rejects.toThrow(/latest dry run/);
    expect(await own.train(ticketOf())).toMatchObject({ kind: "training", state: "running", run: "cats" });
    expect(started[1]).toEqual([...train, ...rest]);
    await expect(own.plan(request)).rejects.toThrow(/cats is being trained/);
    stopped = 0;
    await own.close();
    expect(stopped).toBe(1);
    expect(own.state()).toMatchObject({ job: { state: "stopped" } });
    await expect(own.plan(request)).rejects.toThrow(/ending/);
  });

  it("that is refused says why, and cannot be started", async () => {
    const own = launcher();
    await own.plan({ folder: null, time: "5m" });
    finish("refused");
    await settled();
    const { job } = own.state() as { job: LaunchJob };
    expect(job).toMatchObject({ state: "refused", message: "too small Make it larger.", run: "emoji" });
    await expect(own.train(job.ticket)).rejects.toThrow(/latest dry run/);
  });
});

it("a process is seen to its end, with its lines and how it ended", async () => {
  const say = (code: number) => [
    process.execPath,
    "-e",
    `console.log("\\u001b[31mone\\u001b[0m\\ntwo");process.stdout.write("three");process.exitCode=${code}`,
  ];
  for (const [code, end] of [
    [0, "done"],
    [2, "refused"],
    [130, "stopped"],
    [1, "crashed"],
  ] as const) {
    const child = startProcess(say(code));
    expect(await child.ended).toBe(end);
    const [first, ...others] = child.lines();
    expect(others).toEqual(["two", "three"]);
    // What a terminal would obey is shown, not passed on.
    expect(first).toMatch(/^[ -~]*one[ -~]*$/);
  }
  expect(await startProcess([join(base, "nothing")]).ended).toBe("crashed");
});

describe("the routes", () => {
  const ask = (own: Launcher | undefined, path: string, init: RequestInit = {}, headers = {}) => {
    const catalog = createRunCatalog(runs, createIndexStore(join(base, "cache")));
    const { signal } = new AbortController();
    const app = createApp({ catalog, page, host: "127.0.0.1", token: TOKEN, launcher: own, signal });
    return app.request(path, { ...init, headers: { ...HOME, ...headers } });
  };
  const good = { "content-type": "application/json", "x-quarterturn-token": TOKEN };
  const post = { method: "POST", body: JSON.stringify({ folder: null, steps: 5 }) };

  it("start nothing where nothing was allowed", async () => {
    expect(await (await ask(undefined, "/api/launch")).json()).toEqual({ allowed: false });
    expect((await ask(undefined, "/api/launch/plan", post, good)).status).toBe(404);
    expect((await ask(undefined, "/api/launch/folder")).status).toBe(404);
  });

  it.each([
    { "content-type": "application/json" },
    { ...good, "x-quarterturn-token": "guessed" },
    { ...good, origin: "https://evil.example" },
    { ...good, "sec-fetch-site": "cross-site" },
    { ...good, host: "evil.example" },
  ])("refuse %j", async (headers) => {
    started.length = 0;
    for (const path of ["/api/launch/plan", "/api/launch/train", "/api/launch/stop"])
      expect((await ask(launcher(), path, post, headers)).status, path).toBe(403);
    expect(started).toEqual([]);
  });

  it("say what is refused as the rest of the server does, and begin a dry run", async () => {
    const out = await ask(launcher(), "/api/launch/folder?path=..%2Fsecret");
    expect(out.status).toBe(409);
    const long = { ...post, body: JSON.stringify({ folder: "x".repeat(10_000) }) };
    expect((await ask(launcher(), "/api/launch/plan", long, good)).status).toBe(413);
    expect((await ask(launcher(), "/api/launch/plan", { ...post, body: "{" }, good)).status).toBe(409);
    const begun = await ask(launcher(), "/api/launch/plan", post, good);
    expect([begun.status, await begun.json()]).toMatchObject([202, { kind: "plan", run: "emoji" }]);
    const state = await (await ask(launcher(), "/api/launch")).json();
    expect(state).toEqual({ allowed: true, root: "images", job: null });
    const presets = (await (await ask(launcher(), "/api/launch/presets")).json()) as { name: string }[];
    expect(presets[0]?.name).toBe("laptop");
  });
});

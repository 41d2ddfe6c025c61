/** What is written on runs, and runs that are deleted: over the server, as the page does it. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "../../training/run/folder/lock.node.ts";
import type { RunDetail, RunOverview, RunTable } from "../protocol.ts";
import { createApp } from "../server/app.ts";
import { append, makeRun, steps } from "../testing/records.ts";
import { createIndexStore } from "./index-store.ts";
import { createRunCatalog } from "./run-catalog.ts";

let base: string;
let root: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "quarterturn-marks-"));
  root = join(base, "runs");
  await makeRun(root, "one", steps(1, 120), 200);
  await makeRun(root, "sweep/two", steps(1, 20), 200);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const page = new Map([
  ["/index.html", { type: "text/html", bytes: new TextEncoder().encode("<head></head><body></body>") }],
]);
const TOKEN = "the-token";
const store = () => createIndexStore(join(base, "cache"));
function app() {
  const { signal } = new AbortController();
  return createApp({
    catalog: createRunCatalog(root, store()),
    page,
    host: "127.0.0.1",
    token: TOKEN,
    signal,
  });
}
const same = { current: undefined as ReturnType<typeof createApp> | undefined };
async function ask<T>(path: string, method = "GET", body?: unknown, headers = {}): Promise<[number, T]> {
  same.current ??= app();
  const response = await same.current.request(path, {
    method,
    headers: { host: "127.0.0.1:4750", "x-quarterturn-token": TOKEN, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return [response.status, (response.status === 304 ? undefined : await response.json()) as T];
}
const listed = async (id: string): Promise<RunOverview | undefined> =>
  (await ask<RunTable>("/api/table"))[1].runs.find((run) => run.id === id);

describe("what is written on a run", () => {
  it("lies in its folder, is in the table and in its details, and what is left out stays", async () => {
    await ask("/api/runs/one/marks", "PUT", { note: "first line\nsecond", tags: ["b", "a", "b"] });
    expect(await readFile(join(root, "one", "note.md"), "utf8")).toBe("first line\nsecond");
    expect(JSON.parse(await readFile(join(root, "one", "marks.json"), "utf8"))).toEqual({
      tags: ["a", "b"],
      archived: false,
    });
    expect(await listed("one")).toMatchObject({ note: "first line", tags: ["a", "b"] });
    await ask("/api/runs/one/marks", "PUT", { archived: true });
    expect(await listed("one")).toMatchObject({ note: "first line", tags: ["a", "b"], archived: true });
    const [, detail] = await ask<RunDetail>("/api/runs/one");
    expect(detail.marks).toEqual({ note: "first line\nsecond", tags: ["a", "b"], archived: true });
    await ask("/api/runs/one/marks", "PUT", { note: "", tags: [], archived: false });
    expect(["note.md", "marks.json"].map((name) => existsSync(join(root, "one", name)))).toEqual([
      false,
      false,
    ]);
    expect((await listed("one"))?.tags).toBeUndefined();
  });

  it("is refused without the token, where it is something else, and through a link", async () => {
    const put = (body: unknown, headers = {}) =>
      ask<{ error: string }>("/api/runs/one/marks", "PUT", body, headers);
    expect((await put({ note: "x" }, { "x-quarterturn-token": "no" }))[0]).toBe(403);
    for (const wrong of [
      { note: 5 },
      { tags: "a" },
      { tags: [""] },
      { other: 1 },
      null,
      { note: "x".repeat(70_000) },
    ])
      expect((await put(wrong))[0], JSON.stringify(wrong).slice(0, 40)).toBe(409);
    await writeFile(join(base, "secret"), "kept");
    await symlink(join(base, "secret"), join(root, "one", "note.md"));
    expect((await put({ note: "x" }))[0]).toBe(409);
    expect(await readFile(join(base, "secret"), "utf8")).toBe("kept");
    expect((await ask<RunDetail>("/api/runs/one"))[1].marks.note).toBe("");
    await rm(join(root, "one", "note.md"));
  });
});

describe("the table", () => {
  it("has what differs with each run and what does not once, and the quantities of the latest steps", async () => {
    const path = join(root, "one", "config.json");
    const config = JSON.parse(await readFile(path, "utf8")) as { objective: { alpha: number } };
    config.objective.alpha = 0.5;
    await writeFile(path, JSON.stringify(config));
    const [, { runs, common }] = await ask<RunTable>("/api/table");
    expect(runs.map(({ config }) => config)).toEqual([
      { "objective.alpha": 0.5 },
      { "objective.alpha": 0.2 },
    ]);
    expect(common).toMatchObject({ "objective.beta": 1, "training.steps": 200 });
    expect(common).not.toHaveProperty("objective.alpha");
    // As testing/records.ts writes it: 0.5 + sin(step / 50) / 5, over the last 100 steps.
    const last = Array.from({ length: 100 }, (_, i) => 0.5 + Math.sin((21 + i) / 50) / 5);
    const mean = last.reduce((a, b) => a + b) / 100;
    expect(runs[0]?.quantities?.taskAccuracyReal).toBeCloseTo(mean, 9);
  });

  it("is sent again only when something has changed", async () => {
    const response = await app().request("/api/table", { headers: { host: "127.0.0.1:4750" } });
    const tag = response.headers.get("etag")!;
    expect((await ask("/api/table", "GET", undefined, { "if-none-match": tag }))[0]).toBe(304);
    await append(join(root, "one"), steps(121, 121));
    const [status, table] = await ask<RunTable>("/api/table", "GET", undefined, { "if-none-match": tag });
    expect([status, table.runs[0]?.step]).toEqual([200, 121]);
  });

  it("is known at a later start, unless a run has changed meanwhile; names come at once", async () => {
    const first = createRunCatalog(root, store());
    await first.list();
    await first.close();
    await rm(join(root, "sweep", "two", "metrics.jsonl"));
    const later = createRunCatalog(root, store());
    // Not patient at all: of what is known, everything; of the rest, the name.
    const { runs } = await later.table(0);
    expect(runs.map(({ id }) => id)).toEqual(["one", "sweep/two"]);
    expect(runs[0]).toMatchObject({ step: 121 });
    expect((await later.list()).map(({ step }) => step)).toEqual([121, 0]);
    const nothing = createRunCatalog(root, createIndexStore(join(base, "empty")));
    expect((await nothing.table(0)).runs.map(({ id }) => id)).toEqual(["one", "sweep/two"]);
    expect((await nothing.list()).map(({ unread }) => unread)).toEqual([undefined, undefined]);
  });
});

describe("a run that is deleted", () => {
  it("lies in the trash, is in no list, and comes back", async () => {
    const [status, { ticket, path }] = await ask<{ ticket: string; path: string }>(
      "/api/runs/sweep%2Ftwo",
      "DELETE",
    );
    expect([status, path]).toEqual([200, `.trash/${ticket}/sweep/two`]);
    expect(existsSync(join(root, path, "config.json"))).toBe(true);
    expect(await listed("sweep/two")).toBeUndefined();
    expect((await ask("/api/runs/sweep%2Ftwo"))[0]).toBe(404);
    expect(await ask(`/api/trash/${ticket}`, "POST")).toEqual([200, { id: "sweep/two" }]);
    expect(await listed("sweep/two")).toMatchObject({ steps: 200 });
    expect((await ask(`/api/trash/${ticket}`, "POST"))[0]).toBe(409);
  });

  it("is not, without the token, while it trains, or where it is what is served; and nothing else is brought back", async () => {
    expect((await ask("/api/runs/one", "DELETE", undefined, { "x-quarterturn-token": "" }))[0]).toBe(403);
    const lock = await lockFolder(join(root, "one"));
    expect(await ask("/api/runs/one", "DELETE")).toMatchObject([409, { error: "A process trains in one." }]);
    await lock.release();
    await expect(createRunCatalog(join(root, "one"), store()).trash("one")).rejects.toThrow(
      "the folder that is served",
    );
    await mkdir(join(root, ".trash", "x", "y"), { recursive: true });
    for (const wrong of ["x", "20260101-000000-1", "20260101-000000-1%2F..%2Fx"])
      expect((await ask(`/api/trash/${wrong}`, "POST"))[0], wrong).toBe(409);
    const { ticket } = (await ask<{ ticket: string }>("/api/runs/one", "DELETE"))[1];
    await makeRun(root, "one", steps(1, 2), 5);
    expect(await ask(`/api/trash/${ticket}`, "POST")).toMatchObject([
      409,
      { error: "There is a run one again." },
    ]);
  });
});

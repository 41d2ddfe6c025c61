/**
 * Who asks at the same time, as the page does when it opens, waits for one reading, and the next
 * start finds what it made.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "../../training/run/folder/lock.node.ts";
import { makeRun, sampleLine, steps } from "../testing/records.ts";
import { createIndexStore, type IndexStore } from "./index-store.ts";
import { createRunCatalog } from "./run-catalog.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-catalog-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it("requests at the same time read a record once", async () => {
  await makeRun(join(root, "runs"), "run", steps(1, 20_000), 20_000);
  const open = () => {
    const store = createIndexStore(join(root, "cache"));
    const calls = { load: 0, save: 0 };
    let known = 0;
    const counting: IndexStore = {
      ...store,
      async load(run) {
        calls.load++;
        const index = await store.load(run);
        known = index.offset;
        return index;
      },
      save(run, index) {
        calls.save++;
        return store.save(run, index);
      },
    };
    return { catalog: createRunCatalog(join(root, "runs"), counting), calls, known: () => known };
  };

  const first = open();
  const [detail, curves] = await Promise.all([first.catalog.detail("run"), first.catalog.curves("run")]);
  await first.catalog.close();
  expect(first.calls).toEqual({ load: 1, save: 1 });

  const later = open();
  expect(
    await Promise.all([later.catalog.detail("run"), later.catalog.curves("run"), later.catalog.look("run")]),
  ).toMatchObject([detail, curves, { status: detail.status }]);
  await later.catalog.close();
  expect(later.calls).toEqual({ load: 1, save: 0 });
  expect(later.known()).toBeGreaterThan(1e6);
});

it("the list has a picture of a run whose last grid was long ago", async () => {
  const dir = await makeRun(join(root, "old"), "run", sampleLine(10) + steps(11, 2000), 2000);
  const pictures = async () =>
    (await createRunCatalog(join(root, "old"), createIndexStore(join(root, "empty"))).list()).map(
      ({ picture }) => picture,
    );
  await rm(join(dir, "samples"), { recursive: true, force: true });
  expect(await pictures()).toEqual([undefined]);
  await mkdir(join(dir, "samples"));
  for (const name of ["reals.png", "0000010.png", "0000020.png", "0000020.judgement.json"])
    await writeFile(join(dir, "samples", name), "");
  expect(await pictures()).toEqual(["samples/0000020.png"]);
  await writeFile(join(dir, "samples", "0000020-ema.png"), "");
  expect(await pictures()).toEqual(["samples/0000020-ema.png"]);
});

describe("a run that has ended before its time", () => {
  const diverged = {
    ...{
      kind: "ended",
      how: "diverged",
      step: 41,
      time: 1,
      message: "Training has diverged.",
      advice: "Lower it.",
    },
  };
  const look = async (root: string) => {
    const catalog = createRunCatalog(root, createIndexStore(join(root, "..", "cache-ended")));
    const [one] = await catalog.list();
    const { status } = await catalog.detail("run");
    await catalog.close();
    return { one, status };
  };

  it("says so in the list and in its status, with the step and the advice, until it goes on", async () => {
    const runs = join(root, "ended");
    const dir = await makeRun(runs, "run", `${steps(1, 40)}${JSON.stringify(diverged)}\n`, 60);
    const { one, status } = await look(runs);
    expect(one).toMatchObject({ state: "failed", step: 41, steps: 60, why: "Training has diverged." });
    expect(status).toMatchObject({ state: "failed", how: "diverged", step: 41, advice: "Lower it." });
    // Known from the index that was kept.
    expect((await look(runs)).one).toMatchObject({ state: "failed", step: 41 });

    await writeFile(join(dir, "metrics.jsonl"), steps(1, 50));
    const lock = await lockFolder(dir);
    expect(await look(runs)).toMatchObject({
      one: { state: "running", step: 50 },
      status: { state: "running" },
    });
    expect((await look(runs)).one?.why).toBeUndefined();
    await lock.release();
  });

  it("is interrupted where a lock was left and no end is on record", async () => {
    const runs = join(root, "killed");
    const dir = await makeRun(runs, "run", steps(1, 40), 60);
    expect(await look(runs)).toMatchObject({ one: { state: "stopped" }, status: { state: "stopped" } });
    const holder = { pid: 99_999_999, host: hostname(), processStart: null, since: "", id: "x" };
    await writeFile(join(dir, "lock.json"), JSON.stringify(holder));
    const { one, status } = await look(runs);
    expect(one).toMatchObject({ state: "interrupted", step: 40 });
    expect(status).toMatchObject({ state: "interrupted", how: "killed" });
  });
});

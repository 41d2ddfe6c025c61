/** What the server gives of runs, whatever is wrong with them. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDetail, RunOverview } from "../protocol.ts";
import { createIndexStore } from "../runs/index-store.ts";
import { createRunCatalog } from "../runs/run-catalog.ts";
import { evaluationLine, makeRun, sampleLine, steps } from "../testing/records.ts";
import { HOME, PNG, page, type ServedRuns, servedRuns, TOKEN } from "../testing/served.ts";
import { createApp } from "./app.ts";

let served: ServedRuns;
let base: string;
let root: string;
const app: ServedRuns["app"] = (...all) => served.app(...all);
const ask: ServedRuns["ask"] = (...all) => served.ask(...all);
beforeAll(async () => {
  served = await servedRuns();
  ({ base, root } = served);
});
afterAll(() => served.remove());

describe("runs", () => {
  it("are listed with where they stand", async () => {
    const runs = (await (await ask("/api/runs")).json()) as RunOverview[];
    expect(runs).toMatchObject([
      {
        id: "one",
        state: "finished",
        step: 60,
        steps: 60,
        fid: { value: 33.5, name: "FID (features of net)" },
      },
      { id: "sweep/ä b", state: "stopped", step: 10, steps: 100 },
    ]);
  });

  it("have the FID of their latest step, whether training has measured it or evaluate", async () => {
    const dir = await makeRun(root, "measured", steps(1, 20) + evaluationLine(10, 50), 20);
    const later = join(dir, "evaluations.jsonl");
    const built = { features: { name: "resnet20-cifar10", hash: "", dimensions: 64 } };
    const published = {
      features: { name: "inception", hash: "", dimensions: 2048 },
      reference: { data: "cifar10", hash: "", split: "test", count: 10_000, of: 10_000 },
      generated: { count: 10_000, quantisation: "float" },
    };
    const listed = async () =>
      ((await (await ask("/api/runs")).json()) as RunOverview[]).find(({ id }) => id === "measured")?.fid;
    try {
      expect(await listed()).toMatchObject({ value: 50, step: 10 });
      await writeFile(later, evaluationLine(5, 60));
      expect(await listed()).toMatchObject({ value: 50, step: 10 });
      await writeFile(later, evaluationLine(5, 60) + evaluationLine(20, 6.6, built));
      expect(await listed()).toEqual({
        ...{ value: 6.6, name: "FID (built-in features)", step: 20 },
        protocol: "settings of paper, but built-in features, 200 reference images, 500 samples",
      });
      await writeFile(later, evaluationLine(20, 6.6, built) + evaluationLine(20, 17.6, published));
      expect(await listed()).toEqual({ value: 17.6, name: "FID", step: 20, protocol: "paper protocol" });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("have details and curves, under any name", async () => {
    const detail = (await (await ask(`/api/runs/${encodeURIComponent("sweep/ä b")}`)).json()) as RunDetail;
    expect(detail).toMatchObject({
      status: { state: "stopped", step: 10 },
      config: { "training.steps": 100 },
    });
    expect(Object.keys(detail.adjustable)).toEqual([
      "optimizer.learningRate",
      "optimizer.discriminatorLearningRate",
      "objective.alpha",
      "objective.beta",
    ]);
    const curves = (await (await ask("/api/runs/one/curves")).json()) as { steps: number[] };
    expect(curves.steps).toHaveLength(60);
  });

  it("give their pictures", async () => {
    const response = await ask("/api/runs/one/samples/0000000.png");
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(PNG);
  });

  it("a run itself can be served, and how deep runs may lie can be limited", async () => {
    const store = createIndexStore(join(base, "cache"));
    expect((await createRunCatalog(join(root, "one"), store).list()).map(({ id }) => id)).toEqual(["one"]);
    expect((await createRunCatalog(join(root, "one"), store).detail("one")).status.step).toBe(60);
    expect((await createRunCatalog(root, store, 1).list()).map(({ id }) => id)).toEqual(["one"]);
  });

  it("that cannot be read are shown as such, and do not hide the others", async () => {
    const broken = await makeRun(root, "broken", "", 10);
    await writeFile(join(broken, "config.json"), "{");
    const runs = (await (await ask("/api/runs")).json()) as RunOverview[];
    expect(runs.find(({ id }) => id === "broken")?.broken).toMatch(/JSON/);
    expect(runs).toHaveLength(3);
    await rm(broken, { recursive: true });
  });

  it.each(["{", "null", "[1]", '{"training":{}}'])("whose configuration is %s say so", async (text) => {
    const damaged = await makeRun(root, "damaged", steps(1, 5), 10);
    await writeFile(join(damaged, "config.json"), text);
    const response = await ask("/api/runs/damaged");
    expect([response.status, await response.json()]).toMatchObject([
      409,
      {
        error: expect.stringContaining(`${join("damaged", "config.json")} is damaged`),
        hint: expect.stringContaining("Restore it"),
      },
    ]);
    await rm(damaged, { recursive: true });
  });

  it("that are gone are not there, however lately they were listed", async () => {
    const dir = await makeRun(root, "gone", steps(1, 5), 10);
    const same = app();
    const path = "/api/runs/gone";
    expect((await same.request(path, { headers: HOME })).status).toBe(200);
    await rm(dir, { recursive: true });
    const response = await same.request(path, { headers: HOME });
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: "There is no such run in this folder." },
    ]);
  });
});

describe("names that every object has", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

  it("are names of runs as others are", async () => {
    for (const name of names) await makeRun(join(base, "names"), name, steps(1, 4) + sampleLine(4), 10);
    const catalog = createRunCatalog(join(base, "names"), createIndexStore(join(base, "cache")));
    const same = createApp({
      catalog,
      page,
      host: "127.0.0.1",
      token: TOKEN,
      signal: new AbortController().signal,
    });
    const get = async (path: string) => (await same.request(path, { headers: HOME })).json();
    expect(((await get("/api/runs")) as RunOverview[]).map(({ id, step }) => [id, step]).sort()).toEqual(
      names.map((name) => [name, 4]).sort(),
    );
    for (const name of names) {
      expect(await get(`/api/runs/${name}`), name).toMatchObject({ id: name, status: { step: 4 } });
      expect(await get(`/api/runs/${name}/curves`), name).toMatchObject({ id: name, steps: [1, 2, 3, 4] });
    }
    expect((await ask("/api/runs/constructor")).status).toBe(404);
  });

  it("and what else is wrong in a record hides nothing of the rest", async () => {
    const odd = [
      '{"kind":"step","step":5,"constructor":1,"__proto__":2,"toString":3,"time":5,"stepSeconds":1,"imagesPerSecond":1,"learningRate":1,"discriminator":{"__proto__":1,"constructor":2,"loss":1},"generator":{}}',
      '{"kind":"step","step":6,"time":5,"stepSeconds":1,"imagesPerSecond":1,"learningRate":1,"discriminator":{"loss":1},"generator":null}',
      '{"kind":"step","step":6,"time":"now","discriminator":7,"generator":"x"}',
      '{"kind":"evaluation","step":6,"protocol":"paper","metrics":{"fid":{"mean":3}}}',
      '{"kind":"evaluation","step":6,"protocol":"paper","metrics":null}',
      '{"kind":"sample","step":6}',
      '{"kind":"probe","step":6}',
      '{"kind":"warning","step":6}',
      '{"kind":"change","step":6,"id":1}',
      '{"kind":"ended","step":6,"how":"exploded"}',
      '{"kind":"constructor","step":6}',
      '{"kind":"__proto__","step":6}',
    ];
    const record = `${steps(1, 4)}${odd.map((line) => `${line}\n`).join("")}${evaluationLine(6, 12)}${sampleLine(6)}`;
    const dir = await makeRun(root, "odd", record, 10);
    await writeFile(join(dir, "evaluations.jsonl"), `${odd[2]}\n${odd[3]}\n`);
    try {
      const detail = (await (await ask("/api/runs/odd")).json()) as RunDetail;
      expect(detail.evaluations.map(({ metrics }) => metrics.fid?.mean)).toEqual([12]);
      expect([detail.samples.length, detail.probes, detail.warnings, detail.changes]).toEqual([
        1,
        [],
        [],
        [],
      ]);
      const curves = (await (await ask("/api/runs/odd/curves")).json()) as {
        steps: number[];
        curves: object;
      };
      expect(curves.steps).toEqual([1, 2, 3, 4, 5]);
      const runs = (await (await ask("/api/runs")).json()) as RunOverview[];
      expect(runs.find(({ id }) => id === "odd")).toMatchObject({ step: 5, fid: { value: 12 } });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

/** The server as it is met from outside: what it gives, and attempts at what it must not. */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "../training/lock.node.ts";
import { createApp } from "./app.ts";
import { createIndexStore } from "./index-store.ts";
import { createLibrary } from "./library.ts";
import { MOST_LIVE } from "./live-hub.ts";
import type { RunDetail, RunOverview } from "./protocol.ts";
import { startStudio } from "./server.ts";
import { append, evaluationLine, makeRun, sampleLine, steps } from "./testing/records.ts";

const PNG = new Uint8Array(encode({ width: 1, height: 1, data: new Uint8Array(3), channels: 3 }));
let base: string;
let root: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "quarterturn-studio-"));
  root = join(base, "runs");
  const one = await makeRun(root, "one", sampleLine(0) + steps(1, 60) + evaluationLine(60, 33.5), 60);
  await makeRun(root, "sweep/ä b", steps(1, 10), 100);
  await makeRun(base, "outside", steps(1, 5), 100);
  await writeFile(join(one, "samples", "0000000.png"), PNG);
  await writeFile(join(base, "outside", "samples", "0000000.png"), PNG);
  await writeFile(join(base, "secret.png"), PNG);
  await symlink(join(base, "outside"), join(root, "link"));
  await symlink(join(base, "secret.png"), join(one, "samples", "0000001.png"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const page = new Map([
  ["/index.html", { type: "text/html", bytes: new TextEncoder().encode("<head></head><body></body>") }],
  ["/assets/a.js", { type: "text/javascript", bytes: new TextEncoder().encode("1") }],
]);
const TOKEN = "the-token";
function app(host = "127.0.0.1", allowedHosts: readonly string[] = []) {
  const library = createLibrary(root, createIndexStore(join(base, "cache")));
  return createApp({ library, page, host, allowedHosts, token: TOKEN, signal: new AbortController().signal });
}
const HOME = { host: "127.0.0.1:4750" };
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}, host?: string) =>
  app(host).request(path, { ...init, headers: { ...HOME, ...headers } });

describe("nearest training images", () => {
  it("are given where they were looked for, from the run's own folder alone", async () => {
    expect((await ask("/api/runs/one/memorization")).status).toBe(404);
    expect((await ask("/api/runs/one/memorization.png")).status).toBe(404);
    const near = { index: 3, distance: 1.5, percentile: 0.25 };
    const found = {
      ...{ step: 60, weights: "averaged", features: { name: "net", hash: "f" } },
      training: { data: "emoji", hash: "d", split: "train", count: 200, mirrored: false },
      summary: {
        samples: 1,
        features: { median: 0.25, near: 0 },
        pixels: { median: 0.25, near: 0 },
        copies: 0,
      },
      grid: [{ features: near, pixels: near }],
      sheet: { side: 48, places: [{ sample: 0, at: [0, 0], features: [52, 0], pixels: [104, 0] }] },
    };
    await writeFile(join(root, "one", "memorization.json"), JSON.stringify(found));
    await writeFile(join(root, "one", "memorization.png"), PNG);
    expect(await (await ask("/api/runs/one/memorization")).json()).toEqual(found);
    const sheet = await ask("/api/runs/one/memorization.png");
    expect(sheet.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await sheet.arrayBuffer())).toEqual(PNG);

    await rm(join(root, "one", "memorization.png"));
    await symlink(join(base, "secret.png"), join(root, "one", "memorization.png"));
    await writeFile(join(root, "one", "memorization.json"), JSON.stringify({ ...found, grid: "none" }));
    for (const path of ["memorization", "memorization.png"]) {
      const refused = await ask(`/api/runs/one/${path}`);
      expect(refused.status).toBe(409);
      expect(((await refused.json()) as { error: string }).error).toContain("memorization");
    }
    for (const path of ["memorization.json", "memorization.png"]) await rm(join(root, "one", path));
  });
});

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
    expect((await createLibrary(join(root, "one"), store).list()).map(({ id }) => id)).toEqual(["one"]);
    expect((await createLibrary(join(root, "one"), store).detail("one")).status.step).toBe(60);
    expect((await createLibrary(root, store, 1).list()).map(({ id }) => id)).toEqual(["one"]);
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
    const library = createLibrary(join(base, "names"), createIndexStore(join(base, "cache")));
    const same = createApp({
      library,
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

describe("no way out of the runs folder", () => {
  it.each([
    "/api/runs/..",
    "/api/runs/%2e%2e",
    "/api/runs/..%2foutside",
    "/api/runs/%2e%2e%2foutside",
    "/api/runs/..%5coutside",
    "/api/runs/link",
    "/api/runs/one%2f..%2f..%2foutside",
    "/api/runs/%2fetc",
    "/api/runs/one%00",
    "/api/runs/..%2foutside/samples/0000000.png",
    "/api/runs/link/samples/0000000.png",
    "/api/runs/one/samples/0000001.png",
    "/api/runs/one/samples/..%2fconfig.json",
    "/api/runs/one/samples/%2e%2e%2fmetrics.jsonl",
    "/api/runs/one/samples/..%2f..%2f..%2fsecret.png",
    "/api/runs/one/samples/....%2f%2fconfig.json",
    "/api/runs/one/config.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e%2findex.html",
    "/index.html",
    "/package.json",
  ])("%s is not there", async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(404);
  });
});

describe("who may ask", () => {
  it.each(["evil.example", "evil.example:4750", "127.0.0.1.evil.example", "localhost.evil.example:4750", ""])(
    "a request to the host %j is refused (DNS rebinding)",
    async (host) => {
      for (const path of ["/", "/api/runs", "/api/live?run=one"])
        expect((await ask(path, { host })).status, path).toBe(403);
    },
  );

  it.each(["localhost:4750", "127.0.0.1:1", "[::1]:4750", "127.0.0.1"])("one to %j is not", async (host) => {
    expect((await ask("/api/runs", { host })).status).toBe(200);
  });

  it.each([
    { origin: "https://evil.example" },
    { origin: "http://127.0.0.1:9999" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ] as Record<string, string>[])("on behalf of another site it is refused: %j", async (headers) => {
    expect((await ask("/api/runs", headers)).status).toBe(403);
    const post = { method: "POST", body: '{"kind":"pause"}' };
    const good = { "content-type": "application/json", "x-quarterturn-token": TOKEN };
    expect((await ask("/api/runs/one/commands", { ...good, ...headers }, post)).status).toBe(403);
  });

  it("behind a proxy by its name, when that was allowed, and nobody else's", async () => {
    const behind = app("127.0.0.1", ["Gan.Example.org"]);
    const status = async (headers: Record<string, string>, path = "/api/runs", method = "GET") =>
      (await behind.request(path, { method, headers })).status;
    for (const host of ["gan.example.org", "gan.example.org:8443", "GAN.example.org.", "127.0.0.1:4750"])
      expect(await status({ host }), host).toBe(200);
    for (const host of [
      "example.org",
      "a.gan.example.org",
      "gan.example.org.evil.example",
      "evilgan.example.org",
    ])
      expect(await status({ host }), host).toBe(403);
    // Some proxies pass the name on, others ask by the address they were told.
    const origin = "https://gan.example.org";
    for (const host of ["gan.example.org", "127.0.0.1:4750"])
      expect(await status({ host, origin }), host).toBe(200);
    expect(await status({ host: "gan.example.org", origin: "https://evil.example" })).toBe(403);
    expect(await status({ host: "gan.example.org", origin: "http://127.0.0.1:9999" })).toBe(403);
    // What changes something needs the token all the same.
    expect(await status({ host: "gan.example.org", origin }, "/api/runs/one/commands", "POST")).toBe(403);
    expect((await ask("/api/runs", { host: "gan.example.org" })).status).toBe(403);
  });

  it("a link from another site may open the page, but not the interface", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask("/", headers)).status).toBe(200);
    expect((await ask("/api/runs", headers)).status).toBe(403);
  });
});

describe("commands", () => {
  const post = (headers: Record<string, string>, body = '{"kind":"pause"}') =>
    ask(
      "/api/runs/one/commands",
      { "content-type": "application/json", ...headers },
      { method: "POST", body },
    );

  it("need the token, which only the page has", async () => {
    expect((await post({})).status).toBe(403);
    expect((await post({ "x-quarterturn-token": "guess" })).status).toBe(403);
    const html = await (await ask("/")).text();
    expect(html).toContain(`<meta name="quarterturn-token" content="${TOKEN}">`);
    // Nobody trains there; but it was let through.
    const response = await post({ "x-quarterturn-token": TOKEN });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: "Nobody trains in this run now." });
  });

  it("reach the run, and only as JSON of a sensible size", async () => {
    const token = { "x-quarterturn-token": TOKEN };
    const lock = await lockFolder(join(root, "one"));
    try {
      expect((await post(token)).status).toBe(202);
      expect((await post(token, "pause")).status).toBe(400);
      expect((await post(token, JSON.stringify({ kind: "x".repeat(5000) }))).status).toBe(413);
      for (const type of ["text/plain", "application/jsonp", "text/plain; application/json"])
        expect((await post({ ...token, "content-type": type })).status, type).toBe(415);
      for (const type of [
        "application/JSON",
        "Application/Json; charset=UTF-8",
        " application/json ;charset=utf-8",
      ])
        expect((await post({ ...token, "content-type": type })).status, type).toBe(202);
      const runs = (await (await ask("/api/runs")).json()) as RunOverview[];
      expect(runs[0]).toMatchObject({ id: "one", state: "running" });
    } finally {
      await lock.release();
      await rm(join(root, "one", "control"), { recursive: true });
    }
  });

  it("other methods change nothing", async () => {
    for (const method of ["PUT", "DELETE", "PATCH"])
      expect((await ask("/api/runs/one", { "x-quarterturn-token": TOKEN }, { method })).status).toBe(404);
  });
});

it("every answer tells the browser to run nothing foreign, to guess no types and to be in no frame", async () => {
  for (const path of ["/", "/assets/a.js", "/api/runs", "/nothing"]) {
    const { headers } = await ask(path);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toMatch(/default-src 'none'; script-src 'self';/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("access-control-allow-origin")).toBe(null);
  }
});

describe("listening", () => {
  const store = () => createIndexStore(join(base, "cache"));

  it("is on this machine only, unless asked otherwise, and gives way when the port is taken", async () => {
    const first = await startStudio({ root, port: 0, store: store() });
    const second = await startStudio({ root, port: first.port, otherPort: true, store: store() });
    expect(first.url).toBe(`http://127.0.0.1:${first.port}/`);
    expect(second.port).not.toBe(first.port);
    await expect(startStudio({ root, port: first.port, store: store() })).rejects.toThrow(
      /Port \d+ is taken/,
    );
    await Promise.all([first.close(), second.close()]);
  });

  it("refuses raw requests with tricks in them", async () => {
    const studio = await startStudio({ root, port: 0, store: store() });
    const raw = (path: string, headers: Record<string, string> = {}) =>
      new Promise<number>((done, failed) => {
        const sent = request({ host: "127.0.0.1", port: studio.port, path, headers }, (response) => {
          response.resume();
          done(response.statusCode ?? 0);
        });
        sent.on("error", failed).end();
      });
    expect(await raw("/api/runs")).toBe(200);
    expect(await raw("/api/runs", { host: "evil.example" })).toBe(403);
    for (const path of [
      "/../../package.json",
      "/assets/../../../package.json",
      "/api/runs/one/samples/../config.json",
      "/api/runs/../../etc/passwd",
    ])
      expect(await raw(path), path).toBe(404);
    await studio.close();
  });

  it("answers though as many listen as can, says so to one more, and has room again when they have gone", async () => {
    const dir = await makeRun(root, "watched", steps(1, 3));
    const studio = await startStudio({ root, port: 0, store: store() });
    const controller = new AbortController();
    const live = (signal?: AbortSignal) =>
      fetch(`${studio.url}api/live?run=watched`, signal ? { signal } : {});
    const all = await Promise.all(Array.from({ length: MOST_LIVE }, () => live(controller.signal)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await live();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    expect((await fetch(`${studio.url}api/runs`)).status).toBe(200);
    controller.abort();
    let last = 503;
    while (last === 503) {
      const again = await live();
      last = again.status;
      await again.body?.cancel();
    }
    expect(last).toBe(200);
    await studio.close();
    await rm(dir, { recursive: true });
  });

  it("tells what is new in a run, and ends when the server does", async () => {
    const studio = await startStudio({ root, port: 0, store: store() });
    const dir = await makeRun(root, "live", steps(1, 3));
    const response = await fetch(`${studio.url}api/live?run=live`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const until = async (pattern: RegExp) => {
      while (!pattern.test(heard)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended after ${heard}`);
        heard += value;
      }
    };
    await until(/"steps":\[1,2,3\]/);
    await append(dir, steps(4, 5) + sampleLine(5));
    await until(/"steps":\[3,4,5\]/);
    await until(/"kind":"detail"/);
    await studio.close();
    await reader.read().catch(() => undefined);
    await rm(dir, { recursive: true });
  });
});

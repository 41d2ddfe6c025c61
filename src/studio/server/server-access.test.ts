/** Attempts at what the server must not give, and commands to a training. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "../../training/run/folder/lock.node.ts";
import type { RunOverview } from "../protocol.ts";
import { type ServedRuns, servedRuns, TOKEN } from "../testing/served.ts";

let served: ServedRuns;
let root: string;
const app: ServedRuns["app"] = (...all) => served.app(...all);
const ask: ServedRuns["ask"] = (...all) => served.ask(...all);
beforeAll(async () => {
  served = await servedRuns();
  ({ root } = served);
});
afterAll(() => served.remove());

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
    for (const method of ["PUT", "POST", "PATCH"])
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

it("with `embed` pages of this machine may have it in a frame, and no others", async () => {
  const { headers } = await app("127.0.0.1", [], true).request("/", { headers: { host: "127.0.0.1:4750" } });
  expect(headers.get("x-frame-options")).toBe(null);
  const [ancestors] = /frame-ancestors [^;]*/.exec(headers.get("content-security-policy")!)!;
  expect(
    ancestors
      .split(" ")
      .slice(1)
      .map((origin) => new URL(origin.replace("*", "80")).hostname),
  ).toEqual(["localhost", "localhost", "127.0.0.1", "127.0.0.1"]);
});

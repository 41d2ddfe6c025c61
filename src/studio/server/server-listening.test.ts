/**
 * The server on a port: where it listens, raw requests with tricks in them, and what it tells of
 * news.
 */
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndexStore } from "../runs/index-store.ts";
import { append, makeRun, sampleLine, steps } from "../testing/records.ts";
import { type ServedRuns, servedRuns } from "../testing/served.ts";
import { MAX_LIVE } from "./live-hub.ts";
import { startStudio } from "./server.ts";

let served: ServedRuns;
let base: string;
let root: string;
beforeAll(async () => {
  served = await servedRuns();
  ({ base, root } = served);
});
afterAll(() => served.remove());

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
    const all = await Promise.all(Array.from({ length: MAX_LIVE }, () => live(controller.signal)));
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

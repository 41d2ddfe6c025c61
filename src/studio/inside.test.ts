/** Questions about a discriminator that are refused before anything is started. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedRuns, servedRuns, TOKEN } from "./testing/served.ts";

let runs: ServedRuns;
beforeAll(async () => {
  runs = await servedRuns();
});
afterAll(() => runs.remove());

const post = (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  runs.ask(path, headers, { method: "POST", body });

describe("the inside of a discriminator", () => {
  it.each(["map", "layers"])(
    "%s: of a run without a checkpoint, it is said how there would be one",
    async (part) => {
      const response = await runs.ask(`/api/runs/one/inside/${part}`);
      expect(response.status).toBe(409);
      const said = (await response.json()) as { error: string; hint: string };
      expect(said.error).toMatch(/no checkpoint/);
      expect(said.hint).toMatch(/training\.checkpointEvery/);
      expect((await runs.ask(`/api/runs/outside/inside/${part}`)).status).toBe(404);
    },
  );

  it("a picture needs the token, and may not be larger than photographs are", async () => {
    const path = "/api/runs/one/inside/picture";
    expect((await post(path, new Uint8Array(3))).status).toBe(403);
    const allowed = { "x-quarterturn-token": TOKEN };
    expect((await post(path, new Uint8Array(3), allowed)).status).toBe(409);
    expect((await post(path, new Uint8Array((32 << 20) + 1), allowed)).status).toBe(413);
  });
});

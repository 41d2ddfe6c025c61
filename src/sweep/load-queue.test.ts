import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { UserError } from "../base/errors.ts";
import { QUEUE_PACKAGES, requireQueuePackages } from "./load-queue.ts";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** An importer that finds all packages but some. */
const without =
  (...absent: string[]) =>
  async (name: string): Promise<unknown> => {
    if (absent.includes(name))
      throw Object.assign(new Error(`Cannot find package '${name}'`), { code: "ERR_MODULE_NOT_FOUND" });
    return {};
  };

it.each([
  [
    "redis://localhost",
    ["bullmq", "ioredis"],
    /in Redis needs bullmq and ioredis, which are not/,
    "bullmq@6 ioredis@5",
  ],
  ["rediss://localhost", ["ioredis"], /in Redis needs ioredis, which is not/, "npm install ioredis@5"],
  ["postgres://localhost/q", ["pg"], /in PostgreSQL needs pg, which is not/, "npm install pg@8"],
])("a queue at %s without %j: says what to install", async (url, absent, message, hint) => {
  const refused = requireQueuePackages(url, without(...absent));
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining(hint) });
});

it("needs only the client of its own server", async () => {
  await requireQueuePackages("redis://localhost", without("pg"));
  await requireQueuePackages("postgres://localhost/q", without("ioredis"));
});

it("a package that is there and broken is no missing package", async () => {
  const broken = async (): Promise<never> => {
    throw new SyntaxError("broken");
  };
  await expect(requireQueuePackages("redis://localhost", broken)).rejects.toThrow(SyntaxError);
});

it("the packages are optional in package.json, in the versions that the message names", () => {
  for (const [name, major] of Object.entries(QUEUE_PACKAGES)) {
    expect(manifest.peerDependencies[name]).toMatch(new RegExp(`^\\^${major}\\.`));
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(manifest.dependencies).not.toHaveProperty(name);
  }
});

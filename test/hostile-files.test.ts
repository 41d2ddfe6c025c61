/**
 * Files of every format of our own with something wrong in them: told as the user's mistake, never
 * as a bug, and left as they are.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { explainSystemError } from "../src/app/support/system-errors.ts";
import { UserError } from "../src/base/errors.ts";
import type { Format } from "./support/format.ts";
import { prepareFormats } from "./support/formats.ts";
import { deep, mutateFile } from "./support/mutations.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const formats = await prepareFormats(folder);
const put = async ({ file }: Format, bytes: Uint8Array): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
};
for (const format of formats) await put(format, format.valid);

/** What reading ends in: nothing, or words for the user. Everything else is passed on. */
async function verdict(format: Format): Promise<string | undefined> {
  try {
    await format.read();
    return undefined;
  } catch (error) {
    const told = explainSystemError(error) ?? error;
    if (told instanceof UserError) return told.message;
    throw error;
  }
}

it.each(formats.map((format) => [format.name, format] as const))("%s, whole", async (_, format) => {
  expect(await verdict(format)).toBeUndefined();
});

it.each(formats.map((format) => [format.name, format] as const))("%s, damaged", async (_, format) => {
  const { valid, notation, seal } = format;
  try {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const bytes = mutateFile(valid, notation, seed, seal);
        await put(format, bytes);
        await verdict(format);
        if (!format.renewed) expect(await readFile(format.file)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 60 },
    );
    for (const text of [
      "",
      "null",
      "[]",
      "{}",
      "\u0000".repeat(9),
      "\ufeff{}",
      deep(20_000),
      `{"a":${deep(20_000)}}`,
    ]) {
      await put(format, new TextEncoder().encode(text));
      await verdict(format);
    }
  } finally {
    await put(format, valid);
  }
});

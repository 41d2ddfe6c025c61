/** The record: appending, cutting back, torn lines. */
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordLine } from "../events.ts";
import { cutMetrics, openMetrics, readLastStep, readMetrics } from "./metrics.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-metrics-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (step: number, padding = 0): RecordLine => ({
  kind: "warning",
  step,
  name: "n",
  message: "é".repeat(padding),
  advice: "",
});

describe("metrics.jsonl", () => {
  it("holds what was appended, over several openings", async () => {
    const path = join(folder, "metrics.jsonl");
    for (const step of [1, 2]) {
      const writer = openMetrics(path);
      await writer.append(line(step));
      writer.sync();
      writer.close();
      writer.close();
    }
    expect(await readMetrics(path)).toEqual({ lines: [line(1), line(2)], unreadable: 0 });
    expect(await readMetrics(join(folder, "none"))).toEqual({ lines: [], unreadable: 0 });
  });

  it("is cut back to a step, torn end and all, whatever the lengths of its lines", async () => {
    const path = join(folder, "metrics.jsonl");
    const lengths = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 30_000, max: 70_000 })),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.integer({ min: -1, max: 9 }),
        fc.nat(200),
        async (paddings, step, torn) => {
          const lines = paddings.map((padding, i) => line(Math.floor(i / 2) + 1, padding));
          const whole = lines.map((l) => `${JSON.stringify(l)}\n`).join("");
          const last = `${JSON.stringify(line(1, 300))}`.slice(0, torn);
          await writeFile(path, whole + last);
          await cutMetrics(path, step);
          const kept = lines.filter((l) => l.step <= step);
          expect(await readFile(path, "utf8")).toBe(kept.map((l) => `${JSON.stringify(l)}\n`).join(""));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, (path: string) => Promise<void>, number]>([
    ["NUL bytes, as after a power cut", (path) => truncate(path, 64 * 2 ** 20), 1],
    ["newlines", (path) => appendFile(path, Buffer.alloc(16 * 2 ** 20, "\n")), 0],
    ["one line without an end", (path) => appendFile(path, Buffer.alloc(16 * 2 ** 20, "x")), 1],
  ])("is read and cut though it ends in megabytes of %s", async (_, spoil, unreadable) => {
    const path = join(folder, "metrics.jsonl");
    const whole = [1, 2].map((step) => `${JSON.stringify(line(step))}\n`);
    await writeFile(path, whole.join(""));
    await spoil(path);
    expect(await readMetrics(path)).toEqual({ lines: [line(1), line(2)], unreadable });
    expect(await readLastStep(path)).toBeUndefined();
    expect(await cutMetrics(path, 1)).toBe(true);
    expect(await readFile(path, "utf8")).toBe(whole[0]);
  });

  it("says whether anything was cut, and minds no missing file", async () => {
    const path = join(folder, "metrics.jsonl");
    expect(await cutMetrics(path, 3)).toBe(false);
    await writeFile(path, `${JSON.stringify(line(1))}\n`);
    expect(await cutMetrics(path, 1)).toBe(false);
    expect(await cutMetrics(path, 0)).toBe(true);
    for (const blank of ["\n", "\n\n", "x"]) {
      await writeFile(path, blank);
      expect(await cutMetrics(path, 1)).toBe(true);
      expect(await readFile(path, "utf8")).toBe("");
    }
  });

  it("is read past lines that are damaged, which are counted", async () => {
    const path = join(folder, "metrics.jsonl");
    await writeFile(path, `${JSON.stringify(line(1))}\n{"kind":\n${JSON.stringify(line(2))}\n{"st`);
    expect(await readMetrics(path)).toEqual({ lines: [line(1), line(2)], unreadable: 2 });
  });
});

it("the last step is found behind whatever was measured since, in a file of any length, torn or not", async () => {
  const path = join(folder, "metrics.jsonl");
  const step = (n: number) =>
    JSON.stringify({
      ...{ kind: "step", step: n, discriminator: {}, generator: {}, learningRate: 0.1 },
      ...{ time: 1, stepSeconds: 1, imagesPerSecond: 1 },
    });
  await writeFile(path, "");
  expect(await readLastStep(path)).toBeUndefined();
  const many = Array.from({ length: 3000 }, (_, i) => step(i + 1));
  const measured = JSON.stringify(line(3000, 2000));
  await writeFile(path, `${[...many, measured].join("\n")}\n{"kind":"step","step":30`);
  expect((await readLastStep(path))?.step).toBe(3000);
  await writeFile(path, `${step(7)}\n`);
  expect((await readLastStep(path))?.step).toBe(7);
});

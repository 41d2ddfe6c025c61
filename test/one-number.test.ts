/**
 * One quantity of one run is one number: terminal, studio and report take it over the same steps
 * and write it in the same way.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type QuantityKey, quantityText } from "../src/base/quantities.ts";
import { createTrainReport } from "../src/narration/train-report.ts";
import { quantitiesOf, readFacts } from "../src/studies/report/facts.ts";
import { createIndexStore } from "../src/studio/runs/index-store.ts";
import { createRunCatalog } from "../src/studio/runs/run-catalog.ts";
import { makeRun, steps } from "../src/studio/testing/records.ts";
import { parseConfig } from "../src/training/config/check.ts";
import type { TrainEvent } from "../src/training/events.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-one-number-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("terminal, studio and report say the same of a run", async () => {
  const record = steps(1, 250);
  const dir = await makeRun(join(folder, "runs"), "run", record, 250);
  await writeFile(join(dir, "config.json"), JSON.stringify(parseConfig({ "training.steps": 250 })));

  let terminal = "";
  const silent = (): void => undefined;
  const screen = {
    ...{ interactive: true, columns: 300, line: silent, warning: silent },
    status(text: string): void {
      terminal = text;
    },
  };
  const report = createTrainReport(screen, dir);
  const tell = (event: TrainEvent): void => report(event, () => 1e6);
  tell({ kind: "start", step: 0, steps: 250, engine: "cpu" });
  for (const line of record.trim().split("\n")) tell(JSON.parse(line) as TrainEvent);

  const catalog = createRunCatalog(join(folder, "runs"), createIndexStore(join(folder, "index")));
  const [listed] = await catalog.list();
  const studio = (await catalog.detail("run")).status.quantities!;
  const reported = quantitiesOf(await readFacts(dir));

  // As testing/records.ts writes it, over the last hundred steps.
  const mean = Array.from({ length: 100 }, (_, i) => 0.5 + Math.sin((151 + i) / 50) / 5).reduce(
    (a, b) => a + b,
  );
  expect(studio.taskAccuracyReal).toBeCloseTo(mean / 100, 9);
  expect(Object.keys(studio).length).toBeGreaterThan(7);
  for (const [key, value] of Object.entries(studio)) {
    expect(reported[key as QuantityKey], key).toBeCloseTo(value, 9);
    expect(listed!.quantities![key as QuantityKey], key).toBeCloseTo(value, 9);
  }
  for (const key of [
    "taskAccuracyReal",
    "taskAccuracyGenerated",
    "discriminatorLoss",
    "generatorLoss",
    "speed",
  ] as const)
    expect(terminal, key).toContain(quantityText(key, studio[key]!));
});

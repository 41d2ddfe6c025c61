/**
 * How long the studio takes to open a folder of many long runs: from the start of the server to the
 * list and the curves of one run. The folder is generated (all runs have one record, linked, so
 * that it needs little room); the later start finds the indexes that the first one has made. CPU
 * seconds are those of this process, which other work on the machine does not change much.
 */
import { link, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIndexStore } from "../src/studio/runs/index-store.ts";
import { createRunCatalog } from "../src/studio/runs/run-catalog.ts";
import { evaluationLine, makeRun, sampleLine, steps } from "../src/studio/testing/records.ts";

const RUNS = Number(process.argv[2] ?? 200);
const STEPS = Number(process.argv[3] ?? 100_000);

const root = await mkdtemp(join(tmpdir(), "quarterturn-studio-bench-"));
try {
  const record = sampleLine(0) + steps(1, STEPS) + evaluationLine(STEPS, 20);
  const original = await makeRun(join(root, "runs"), "run-0", record, STEPS);
  for (let run = 1; run < RUNS; run++) {
    const dir = await makeRun(join(root, "runs"), `run-${run}`, "", STEPS);
    await rm(join(dir, "metrics.jsonl"));
    await link(join(original, "metrics.jsonl"), join(dir, "metrics.jsonl"));
  }
  console.log(`${RUNS} runs of ${STEPS} steps, ${(record.length / 1e6).toFixed(0)} MB of record each`);
  for (const start of ["first start", "later start"]) {
    const began = performance.now();
    const catalog = createRunCatalog(join(root, "runs"), createIndexStore(join(root, "cache")));
    const used = process.cpuUsage();
    const since = (): string => {
      const { user, system } = process.cpuUsage(used);
      return `${((performance.now() - began) / 1000).toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of CPU)`;
    };
    const listed = await catalog.list();
    const list = since();
    await Promise.all([catalog.detail(listed[0]!.id), catalog.curves(listed[0]!.id)]);
    console.log(
      `${start}: list of ${listed.length} runs after ${list}, one run with its curves after ${since()}`,
    );
    await catalog.close();
  }
} finally {
  await rm(root, { recursive: true, force: true });
}

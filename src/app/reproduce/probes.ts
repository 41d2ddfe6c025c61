/**
 * Linear probes of finished runs, each made once: the result lies beside the runs, with what it
 * depends on.
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { createEngine } from "../../engine/node.node.ts";
import { buildFeatures } from "../../studies/probe/features.ts";
import { type ProbeResult, probe, probeResultSchema } from "../../studies/probe/probe.ts";
import { PROTOCOL } from "../../studies/probe/protocol.ts";
import type { RunRecord } from "../../studies/reproduce/record.ts";
import type { ProbeScale } from "../../studies/reproduce/scales.ts";
import type { Context } from "../context.ts";
import { writeDiscriminatorState } from "../support/load-discriminator.ts";
import { runConfig } from "../support/load-generator.ts";
import type { DataSplits } from "../support/open-splits.ts";
import { openResources } from "../support/resources.ts";
import { writeLast } from "../support/write-last.ts";

/** What probes are made with. */
export interface ProbesOptions {
  readonly runs: readonly RunRecord[];
  readonly data: DataSplits;
  readonly scale: ProbeScale;
  /** Folder of the results. */
  readonly folder: string;
  readonly threads: number;
  /** Only read what is there, as is done once the signal aborts. */
  readonly readOnly: boolean;
}

/**
 * Probe every run that has a checkpoint.
 * @returns results by the id of the run
 * @throws UserError as `probe`; the signal's reason when it aborts
 */
export async function probeRuns(
  options: ProbesOptions,
  context: Context,
): Promise<ReadonlyMap<string, ProbeResult>> {
  const { runs, data, scale } = options;
  const { report, signal } = context;
  await makeFolder(options.folder);
  const results = new Map<string, ProbeResult>();
  for (const run of runs) {
    if (run.step === 0 || results.has(run.id)) continue;
    const key = { run: run.id, step: run.step, ...scale, train: data.train.hash, test: data.test.hash };
    const path = join(options.folder, `${run.id}.json`);
    const before = await readResult(path, key);
    const readOnly = options.readOnly || signal.aborted;
    const result = before ?? (readOnly ? undefined : await probeRun(run, options, context));
    if (result === undefined) continue;
    results.set(run.id, result);
    if (before) continue;
    void report({
      kind: "note",
      message: `${run.id}  seed ${run.seed}  ${run.label}: probed, best ${result.best}`,
    });
    await writeLast(report, () => writeFileWhole(path, `${JSON.stringify({ key, result }, null, 2)}\n`));
  }
  return results;
}

async function probeRun(
  run: RunRecord,
  { scale, data, threads }: ProbesOptions,
  { report, signal }: Context,
): Promise<ProbeResult> {
  const { use, close } = openResources();
  try {
    const config = await runConfig(run.dir);
    const engine = use(await createEngine({ device: config.engine.device, threads }));
    const features = buildFeatures(config, engine.target, scale.limit);
    await writeDiscriminatorState(engine, run.dir, features.layout, run.step);
    return await probe(
      engine,
      features,
      data,
      {
        regression: { ...PROTOCOL, epochs: scale.epochs },
        seeds: Array.from({ length: scale.seeds }, (_, i) => i + 1),
        images: scale.images,
        signal,
      },
      (block, phase, done, total) =>
        void report({
          kind: "progress",
          activity: "fitting",
          ...{ what: `${run.label}, ${block}: ${phase}`, done, total },
        }),
    );
  } finally {
    await close();
  }
}

/** A result that was made with the same `key`. */
async function readResult(path: string, key: object): Promise<ProbeResult | undefined> {
  const read = await readJsonFile(path, {
    schema: z.object({ key: z.record(z.string(), z.unknown()), result: probeResultSchema }),
    hint: "Delete it: the run is probed again.",
  });
  return read && JSON.stringify(read.key) === JSON.stringify(key) ? read.result : undefined;
}

/** One line of the list of runs, cheaply: from the summary of the index if it is current, else from the end of the record. */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { laterEvaluations } from "../training/evaluations.node.ts";
import { readConfig } from "../training/run-folder.node.ts";
import { readStanding } from "../training/run-state.node.ts";
import type { FoundRun } from "./discover.ts";
import { type IndexStore, latestFid, type RecordSummary, summariseIndex } from "./index-store.ts";
import { isWhole } from "./line-shapes.ts";
import type { RunOverview } from "./protocol.ts";
import { emptyIndex, takeLines } from "./run-index.ts";

/** Bytes at the end of a record that are looked at. */
const TAIL = 1 << 16;

/** What the list shows of a run. Never throws: what cannot be read is shown as broken. */
export async function overviewOf(
  { id, dir }: FoundRun,
  store: Pick<IndexStore, "loadSummary">,
): Promise<RunOverview> {
  try {
    const configPath = join(dir, "config.json");
    const [config, { mtimeMs }, summary, later] = await Promise.all([
      readConfig(dir) as Promise<{ training?: { steps?: unknown } }>,
      stat(configPath),
      summaryOf(dir, store),
      // A number that evaluate has measured counts as much as one that training has.
      laterEvaluations(dir).then((all) => latestFid(all.filter(isWhole))),
    ]);
    const steps = Number(config.training?.steps ?? 0);
    const { lastStep, touched, warnings } = summary;
    const fid = later && later.step >= (summary.fid?.step ?? 0) ? later : summary.fid;
    const picture = summary.picture ?? (await newestPicture(dir));
    const { state, step, message } = await readStanding(dir, steps, { step: lastStep, ended: summary.ended });
    return {
      ...{ id, state, step, steps },
      ...((state === "failed" || state === "interrupted") && message !== undefined && { why: message }),
      touched: touched || mtimeMs,
      ...(picture && { picture }),
      ...(fid && { fid }),
      warnings,
    };
  } catch (error) {
    const broken = error instanceof Error ? error.message : String(error);
    return { id, state: "stopped", step: 0, steps: 0, touched: 0, warnings: 0, broken };
  }
}

/** The newest grid of samples there is, of averaged weights if possible; undefined without one. For records whose end has none. */
async function newestPicture(dir: string): Promise<string | undefined> {
  const grids = (await readdir(join(dir, "samples")).catch((): string[] => []))
    .filter((name) => /^\d{7}(-ema)?\.png$/.test(name))
    .sort();
  const last = grids.at(-1);
  const averaged = last?.replace(/(-ema)?\.png$/, "-ema.png");
  const name = averaged !== undefined && grids.includes(averaged) ? averaged : last;
  return name && `samples/${name}`;
}

async function summaryOf(dir: string, store: Pick<IndexStore, "loadSummary">): Promise<RecordSummary> {
  const path = join(dir, "metrics.jsonl");
  const file = await open(path).catch(() => undefined);
  if (!file) return summariseIndex(emptyIndex());
  try {
    const { size } = await file.stat();
    const known = await store.loadSummary(dir);
    if (known?.offset === size) return known;
    const bytes = Buffer.alloc(Math.min(TAIL, size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString("utf8", 0, bytesRead);
    const index = emptyIndex();
    takeLines(index, text.slice(size > TAIL ? text.indexOf("\n") + 1 : 0, text.lastIndexOf("\n") + 1));
    const tail = summariseIndex(index);
    // What lies before the end is known from the last time somebody looked at all of it.
    const older = known && known.offset < size ? known : undefined;
    return {
      ...tail,
      ...(!tail.fid && older?.fid && { fid: older.fid }),
      ...(!tail.picture && older?.picture && { picture: older.picture }),
      warnings: Math.max(tail.warnings, older?.warnings ?? 0),
    };
  } finally {
    await file.close();
  }
}

/**
 * One line of the list of runs, cheaply: from the summary of the index if it is current, else from
 * the end of the record.
 */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { flattenConfig } from "../../training/config/check.ts";
import { withLaterValues } from "../../training/config/describe.ts";
import { laterEvaluations } from "../../training/evaluation/evaluations.node.ts";
import { readConfig } from "../../training/run/folder/run-folder.node.ts";
import { readRunProgress } from "../../training/run/folder/run-state.node.ts";
import { knownSessions } from "../../training/run/record/sessions.node.ts";
import type { OverviewOfRun, RunOverview } from "../protocol.ts";
import { isWhole } from "../record/line-shapes.ts";
import type { FoundRun } from "./discover.ts";
import { type IndexStore, latestFid, type RecordSummary, summarizeIndex } from "./index-store.ts";
import { NO_MARKS, readMarks } from "./marks.ts";
import { emptyIndex, takeLines } from "./run-index.ts";

/** Bytes at the end of a record that are looked at. */
const TAIL = 1 << 16;
/** Letters of a note that are shown in the list. */
const LONGEST_NOTE = 120;

/**
 * What the list shows of a run. Never throws: what cannot be read is shown as broken.
 * @param has whether a file is in its folder: what is not there need not be looked for
 */
export async function overviewOf(
  { id, dir }: FoundRun,
  store: Pick<IndexStore, "loadSummary">,
  has: (name: string) => boolean = () => true,
): Promise<OverviewOfRun> {
  try {
    const configPath = join(dir, "config.json");
    const [nested, { mtimeMs }, summary, marks, later, sessions] = await Promise.all([
      readConfig(dir),
      stat(configPath),
      summaryOf(dir, store),
      has("marks.json") || has("note.md") ? readMarks(dir) : NO_MARKS,
      // A number that evaluate has measured counts as much as one that training has.
      (has("evaluations.jsonl") ? laterEvaluations(dir) : Promise.resolve([])).then((all) =>
        latestFid(all.filter(isWhole)),
      ),
      knownSessions(dir),
    ]);
    const config = flattenConfig(nested);
    const steps = Number(config["training.steps"] ?? 0);
    const { lastStep, touched, warnings, quantities } = summary;
    const fid = later && later.step >= (summary.fid?.step ?? 0) ? later : summary.fid;
    const picture = summary.picture ?? (await newestPicture(dir));
    const { state, step, message } = await readRunProgress(dir, steps, {
      step: lastStep,
      ended: summary.ended,
    });
    const note = marks.note.trim().split("\n")[0]?.slice(0, LONGEST_NOTE);
    // A copy of a folder keeps what it says; its files are as old as the copy.
    const started = Date.parse(sessions[0]?.started ?? "");
    const overview: RunOverview = {
      ...{ id, state, step, steps, quantities, began: Number.isNaN(started) ? mtimeMs : started },
      ...((state === "failed" || state === "interrupted") && message !== undefined && { why: message }),
      touched: touched || mtimeMs,
      ...(picture && { picture }),
      ...(fid && { fid }),
      ...(marks.tags.length > 0 && { tags: marks.tags }),
      ...(marks.archived && { archived: true }),
      ...(note && { note }),
      warnings,
    };
    return { overview, config: withLaterValues(config) };
  } catch (error) {
    const broken = error instanceof Error ? error.message : String(error);
    const none = { state: "stopped", step: 0, steps: 0, touched: 0, warnings: 0 } as const;
    return { overview: { id, ...none, broken }, config: undefined };
  }
}

/**
 * The newest grid of samples there is, of averaged weights if possible; undefined without one. For
 * records whose end has none.
 */
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
  if (!file) return summarizeIndex(emptyIndex());
  try {
    const { size } = await file.stat();
    const known = await store.loadSummary(dir);
    if (known?.offset === size) return known;
    const bytes = Buffer.alloc(Math.min(TAIL, size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString("utf8", 0, bytesRead);
    const index = emptyIndex();
    takeLines(index, text.slice(size > TAIL ? text.indexOf("\n") + 1 : 0, text.lastIndexOf("\n") + 1));
    const tail = summarizeIndex(index);
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

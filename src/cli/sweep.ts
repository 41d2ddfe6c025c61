/** The work of `sweep`. */

import { basename, extname, join, resolve } from "node:path";
import { shortPath } from "../app/run-folder.ts";
import { writeLast } from "../app/write-last.ts";
import { UserError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.node.ts";
import { readRegular } from "../base/regular.node.ts";
import { MOST_YAML_BYTES } from "../base/yaml.ts";
import { textTable } from "../narration/table.ts";
import { parseSweep } from "../sweep/file.ts";
import { planSweep, type SweepPoint } from "../sweep/plan.ts";
import { aggregate, type ResultRow, resultRow, resultsCsv, resultsHtml, rowState } from "../sweep/results.ts";
import { loadPreset } from "../training/config/presets.node.ts";
import { errorCode, writeFileWhole } from "../training/files.node.ts";
import { EXIT, type Invocation } from "./command.ts";
import { watchInterrupts } from "./interrupt.ts";
import { narrate } from "./narrate.ts";
import { emitSweep } from "./sweep-emit.ts";
import { exitOfPoints, type PointOutcome } from "./sweep-exit.ts";
import { measuredTable } from "./sweep-measured.ts";
import { checkSweepOptions } from "./sweep-options.ts";
import { endDespiteConnections, queueUrl, sweepThroughQueue } from "./sweep-queue.ts";
import { trainPoints } from "./train-points.ts";

/** Make the runs of a sweep. @returns the exit code: 0 all done, 2 a point was refused, 130 interrupted, 1 a point kept crashing */
export async function sweepFrom(invocation: Invocation): Promise<number> {
  const { args, options, output } = invocation;
  const path = args[0]!;
  checkSweepOptions(options);
  const folder = resolve(options.text("out") ?? join("runs", basename(path, extname(path))));
  const text = await readSweep(path);
  const points = planSweep(parseSweep(text, path), folder, loadPreset, path);
  const jobs = options.number("jobs", { whole: true, min: 1, max: 1024 }) ?? 1;
  const retries = options.number("retries", { whole: true, min: 0 }) ?? 3;

  if (options.text("emit") !== undefined) return emitSweep(invocation, { text, points, jobs, folder });
  if (options.flag("plan")) {
    const rows = await Promise.all(points.map((point) => resultRow(point, "planned")));
    output.result(planTable(rows), { folder, points: rows });
    return EXIT.done;
  }
  const only = options.number("only", { whole: true, min: 0, max: points.length - 1 });
  const chosen = only === undefined ? points : [points[only]!];

  await makeFolder(folder);
  const url = queueUrl(options);
  if (url !== undefined) {
    try {
      const { states, interrupted } = await sweepThroughQueue(invocation, {
        url,
        points: chosen,
        folder,
        retries,
      });
      const code = await conclude(invocation, folder, chosen, states, only === undefined);
      return interrupted ? EXIT.interrupted : code;
    } finally {
      endDespiteConnections();
    }
  }
  const interrupts = watchInterrupts(output);
  try {
    const states = await trainPoints({
      points: chosen,
      jobs,
      retries,
      output,
      signal: interrupts.signal,
    });
    const code = await conclude(invocation, folder, chosen, states, only === undefined);
    return interrupts.signal.aborted ? EXIT.interrupted : code;
  } finally {
    interrupts.dispose();
  }
}

/** Read what there is of each run, write the results, say them. @returns the exit code of {@link exitOfPoints} */
async function conclude(
  { output, args }: Invocation,
  folder: string,
  points: readonly SweepPoint[],
  states: ReadonlyMap<string, PointOutcome>,
  write: boolean,
): Promise<number> {
  const rows = await Promise.all(
    points.map((point) => resultRow(point, states.get(point.id)?.kind ?? "waiting")),
  );
  output.line([planTable(rows), ...measuredTable(rows)].join("\n"));
  let files: string[] = [];
  const unwritten = await writeLast(narrate(output), async () => {
    if (write) files = await writeResults(folder, basename(args[0]!), rows);
  });
  output.result(files.map((file) => `made    ${shortPath(file)}`).join("\n"), {
    ...{ folder, points: rows, variations: aggregate(rows), files },
    ...(unwritten !== undefined && { unwritten }),
  });
  return exitOfPoints(states.values()) || (unwritten === undefined ? EXIT.done : EXIT.userError);
}

async function readSweep(path: string): Promise<string> {
  const bytes = await readRegular(path, SWEEP).catch((error: unknown) => {
    if (["ENOENT", "EISDIR", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? ""))
      throw new UserError(`${path} is no file that can be read.`, "Give the path of a sweep's YAML file.", {
        cause: error,
      });
    throw error;
  });
  return bytes.toString("utf8");
}

const SWEEP = { most: MOST_YAML_BYTES, what: "the file of a sweep" } as const;

async function writeResults(folder: string, name: string, rows: readonly ResultRow[]): Promise<string[]> {
  const files: readonly (readonly [string, string])[] = [
    ["results.csv", resultsCsv(rows)],
    ["results.json", `${JSON.stringify({ rows, variations: aggregate(rows) }, null, 2)}\n`],
    ["results.html", resultsHtml(name, rows)],
  ];
  for (const [file, content] of files) await writeFileWhole(join(folder, file), content);
  return files.map(([file]) => join(folder, file));
}

function planTable(rows: readonly ResultRow[]): string {
  return textTable([
    ["run", "seed", "steps", "state", "variation"],
    ...rows.map((row) => [row.id, String(row.seed), `${row.step}/${row.steps}`, rowState(row), row.label]),
  ]);
}

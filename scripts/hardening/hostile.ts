/**
 * The campaign with hostile files: every format that is read here, damaged or made wrong in many
 * ways, read by the real readers in a process of its own, and a few inputs of extreme sizes through
 * the real command line. Counts stack traces, hangs and memory, and prints a table.
 *
 *     npm run --silent build && nice -n 15 npx tsx scripts/hardening/hostile.ts [--each 32] [--only "sweep file"]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Verdict } from "./child.ts";
import { extremes } from "./extremes.ts";
import { type Row, table } from "./table.ts";

const { values } = parseArgs({
  options: { each: { type: "string", default: "32" }, seconds: { type: "string", default: "120" } },
});
const each = Number(values.each);
/** Without a word for so long, an input hangs. Generous: other work may share the machine. */
const patience = 1000 * Number(values.seconds);
/**
 * Megabytes of JavaScript's heap: a reader that needs more than this for files of a few kilobytes
 * is wrong.
 */
const HEAP = 1024;

const folder = mkdtempSync(join(tmpdir(), "quarterturn-hostile-"));
const rows = new Map<string, Row>();
const bugs: string[] = [];

function count(verdict: Verdict, outcome: "read" | "refused" | "bug" | "hang" | "death"): void {
  const row = rows.get(verdict.format) ?? {
    inputs: 0,
    read: 0,
    refused: 0,
    bug: 0,
    hang: 0,
    death: 0,
    peak: 0,
  };
  row.inputs++;
  row[outcome]++;
  row.peak = Math.max(row.peak, verdict.peak);
  rows.set(verdict.format, row);
  if (outcome === "bug" || outcome === "hang" || outcome === "death")
    bugs.push(`${verdict.format}, seed ${verdict.seed}: ${outcome}\n${verdict.message ?? ""}`);
}

/**
 * Read inputs from number `from` on.
 * @returns the number to go on with; undefined when all are done
 */
async function readOn(from: number): Promise<number | undefined> {
  const child = spawn(
    process.execPath,
    [
      ...[`--max-old-space-size=${HEAP}`, "--import", "tsx"],
      ...[join(import.meta.dirname, "child.ts"), folder, String(from), String(each)],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let hung = false;
  let begun: Verdict | undefined;
  let timer: NodeJS.Timeout | undefined;
  let next = from;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, patience);
  };
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  wait();
  for await (const line of createInterface({ input: child.stdout })) {
    wait();
    const verdict = JSON.parse(line) as Verdict;
    if (verdict.outcome === "begun") {
      begun = verdict;
      continue;
    }
    begun = undefined;
    next++;
    count(verdict, verdict.outcome);
    if (next % 100 === 0) process.stderr.write(`${next} inputs\n`);
  }
  clearTimeout(timer);
  const code = await closed;
  if (!begun) {
    if (code !== 0) throw new Error(`the reading process ended with code ${code} between inputs`);
    return undefined;
  }
  count(begun, hung ? "hang" : "death");
  return next + 1;
}

try {
  for (let from: number | undefined = 0; from !== undefined; ) from = await readOn(from);
  const large = await extremes(folder, patience);
  process.stdout.write(`${table(rows)}\n\n${large.text}\n`);
  if (bugs.length > 0) process.stdout.write(`\n${bugs.slice(0, 40).join("\n\n")}\n`);
  process.exitCode = bugs.length > 0 || large.failed ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

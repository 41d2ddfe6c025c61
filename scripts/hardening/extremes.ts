/**
 * Inputs of extreme sizes and kinds of files, through the real command line: what they end in, how
 * long it takes, and how much memory.
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { peakMemory } from "../../src/sweep/child.ts";
import { aliasesOfAliases } from "../../test/support/aliases.ts";

interface Case {
  readonly name: string;
  /** Makes the input. */
  prepare(run: string, folder: string): void;
  /** Arguments of quarterturn. */
  args(run: string, folder: string): readonly string[];
}

/** What came of it. */
interface Ending {
  readonly name: string;
  readonly code: number | string;
  readonly seconds: number;
  readonly peak: number;
  readonly words: string;
}

const PROGRAM = resolve(import.meta.dirname, "../../bin/quarterturn.js");
const TINY = [
  ...["data.resolution=16", "data.split=all", "generator.width=8", "generator.latentSize=8"],
  ...["discriminator.width=8", "objective.rotatedBatch=16", "training.batchSize=8", "engine.threads=1"],
].flatMap((set) => ["--set", set]);
const train = (run: string): string[] => ["train", ...TINY, "--run", run, "--steps", "2", "--no-studio"];

/** Write `megabytes` of one text over and over behind what is there. */
function grow(path: string, text: string, megabytes: number): void {
  const file = openSync(path, "a");
  const piece = Buffer.from(text.repeat(Math.ceil(1e6 / text.length)));
  for (let i = 0; i < megabytes; i++) writeSync(file, piece);
  closeSync(file);
}

const record = (run: string): string => join(run, "metrics.jsonl");
const weights = (run: string): string => join(run, "checkpoints", "0000002", "weights.safetensors");
const sweep = (name: string, text: string): Case => ({
  name,
  prepare: (_, folder) => writeFileSync(join(folder, "sweep.yaml"), text),
  args: (_, folder) => ["sweep", join(folder, "sweep.yaml"), "--plan"],
});
const ofRecord = (name: string, prepare: (path: string) => void, args = train): Case => ({
  name,
  prepare: (run) => prepare(record(run)),
  args: (run) => args(run),
});
const report = (run: string): string[] => ["report", run, "--no-walk", "--out", join(run, "r.html")];

const laughs = aliasesOfAliases(12);
const grid = (lists: number, length: number): string =>
  `grid:\n${Array.from({ length: lists }, (_, i) => `  p.${i}: [${Array.from({ length }, (_, j) => j).join(", ")}]`).join("\n")}\n`;

const CASES: readonly Case[] = [
  sweep("sweep: a grid of 10^8 combinations", grid(8, 10)),
  sweep("sweep: aliases of aliases", `${laughs}\n`),
  sweep("sweep: a million seeds", `seeds: [${Array.from({ length: 140_000 }, (_, i) => i).join(", ")}]\n`),
  sweep("sweep: nested 100,000 deep", `grid: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`),
  { name: "sweep: /dev/zero", prepare: () => undefined, args: () => ["sweep", "/dev/zero", "--plan"] },
  {
    name: "features add --from /dev/zero",
    prepare: () => undefined,
    args: () => ["features", "add", "inception", "--from", "/dev/zero"],
  },
  ofRecord("record: 200 MB of line feeds, train", (path) => grow(path, "\n", 200)),
  ofRecord("record: 200 MB of line feeds, report", (path) => grow(path, "\n", 200), report),
  ofRecord("record: a line of 300 MB, train", (path) => grow(path, "x", 300)),
  ofRecord("record: a line of 300 MB, report", (path) => grow(path, "x", 300), report),
  ofRecord("record: 64 MB of zeros behind it, train", (path) => grow(path, "\0", 64)),
  ofRecord("record: 30 MB of lines that are none, report", (path) => grow(path, "{}\n", 30), report),
  ofRecord("record: a link to /dev/zero, train", (path) => {
    rmSync(path);
    symlinkSync("/dev/zero", path);
  }),
  ofRecord(
    "record: a sample that lies elsewhere, report",
    (path) => writeFileSync(path, '{"kind":"sample","step":1,"file":"../../../etc/passwd","diversity":1}\n'),
    report,
  ),
  {
    name: "checkpoint: weights that are a link to /dev/zero",
    prepare(run) {
      rmSync(weights(run));
      symlinkSync("/dev/zero", weights(run));
    },
    args: (run) => ["sample", run],
  },
  {
    name: "checkpoint: weights of 100 GB (a hole)",
    prepare(run) {
      const file = openSync(weights(run), "r+");
      ftruncateSync(file, 100e9);
      closeSync(file);
    },
    args: (run) => ["sample", run],
  },
  {
    name: "config.json of 1 GB (a hole)",
    prepare(run) {
      const file = openSync(join(run, "config.json"), "r+");
      ftruncateSync(file, 1e9);
      closeSync(file);
    },
    args: (run) => ["sample", run],
  },
];

function call(args: readonly string[], cwd: string, patience: number): Promise<Omit<Ending, "name">> {
  const started = Date.now();
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", QUARTERTURN_CACHE: join(cwd, "cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  let peak = 0;
  let hung = false;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      words = `${words}${text}`.slice(-4000);
    });
  const look = setInterval(() => {
    peak = Math.max(peak, peakMemory(child.pid) ?? 0);
  }, 50);
  const timer = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, patience);
  return new Promise((done) =>
    child.on("close", (code, signal) => {
      clearInterval(look);
      clearTimeout(timer);
      const seconds = (Date.now() - started) / 1000;
      done({ code: hung ? "hang" : (code ?? signal ?? "?"), seconds, peak, words });
    }),
  );
}

/**
 * Run them all in `folder`.
 * @returns a Markdown table, and whether any hung, ended in a stack trace or was killed
 */
export async function extremes(
  folder: string,
  patience: number,
): Promise<{ readonly text: string; readonly failed: boolean }> {
  const place = join(folder, "extremes");
  mkdirSync(place);
  const whole = join(place, "whole");
  const made = await call(train(whole), place, 10 * patience);
  if (made.code !== 0) throw new Error(`the run for the campaign could not be trained: ${made.words}`);
  const endings: Ending[] = [];
  for (const { name, prepare, args } of CASES) {
    const run = join(place, "run");
    rmSync(run, { recursive: true, force: true });
    cpSync(whole, run, { recursive: true });
    prepare(run, place);
    endings.push({ name, ...(await call(args(run, place), place, patience)) });
  }
  const lines = endings.map(
    ({ name, code, seconds, peak }) =>
      `| ${name} | ${code} | ${seconds.toFixed(1)} | ${Math.round(peak / 1e6)} |`,
  );
  const bad = endings.filter(({ code, words }) => ![0, 2].includes(code as number) || /\n\s+at /.test(words));
  const text = [
    "| Input | Exit code | Seconds | Peak, MB |",
    "| --- | ---: | ---: | ---: |",
    ...lines,
    ...bad.map(({ name, words }) => `\n${name}:\n${words}`),
  ].join("\n");
  return { text, failed: bad.length > 0 };
}

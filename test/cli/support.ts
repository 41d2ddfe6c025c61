/** The real command line as a child process, in a folder of its own, and small data sets for it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { randomStream } from "../../src/base/random.ts";

const PROGRAM = resolve(import.meta.dirname, "../../bin/quarterturn.js");
if (!existsSync(resolve(import.meta.dirname, "../../dist/cli/main.js")))
  throw new Error("dist/ is missing: these tests run the built program, npm test builds it first");

/** How a call ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call under way. */
export interface Call {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Wait until stdout matches. @throws Error when the process ends without */
  saw(pattern: RegExp): Promise<void>;
}

/** Somebody whom permissions hold back, as they do not root: user and group. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * An ordinary user to run the program as: nobody, if this process is root; this one, if it is not.
 * @returns undefined where neither is possible (Windows; a checkout that only root may read)
 */
export function ordinaryUser(): User | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid === undefined || gid === undefined) return undefined;
  if (uid !== 0) return { uid, gid };
  const nobody = { uid: 65534, gid: 65534 };
  const { status } = spawnSync(process.execPath, [PROGRAM, "--version"], { ...nobody, cwd: "/" });
  return status === 0 ? nobody : undefined;
}

/** A working folder that is removed by `remove`, with the program started in it. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "quarterturn-cli-"));
  readonly #user: User | undefined;

  /** @param user whom the program runs as, if not as the user running the tests */
  constructor(user?: User) {
    this.#user = user;
    this.handOver();
  }

  /** Make everything in it the user's. */
  handOver(): void {
    if (!this.#user || this.#user.uid === process.getuid?.()) return;
    const names = readdirSync(this.folder, { recursive: true, encoding: "utf8" });
    for (const name of ["", ...names]) chownSync(this.path(name), this.#user.uid, this.#user.gid);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  start(...args: string[]): Call {
    return watch(spawn(process.execPath, [PROGRAM, ...args], this.#options()));
  }

  run(...args: string[]): Promise<Outcome> {
    return this.start(...args).ended;
  }

  /** Run with no file growing beyond `kilobytes`: what a full disk looks like to one process. */
  runWithFileLimit(kilobytes: number, ...args: string[]): Promise<Outcome> {
    const script = `ulimit -f ${kilobytes} && exec "$0" "$@"`;
    return watch(spawn("bash", ["-c", script, process.execPath, PROGRAM, ...args], this.#options())).ended;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #options() {
    const env = { ...process.env, QUARTERTURN_CACHE: this.path("cache"), NO_COLOR: "1" };
    return {
      ...this.#user,
      cwd: this.folder,
      env,
      stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"],
    };
  }
}

function watch(child: ChildProcess): Call {
  let [stdout, stderr] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const check of waiting) check();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Outcome>((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
  const saw = (pattern: RegExp): Promise<void> =>
    new Promise((done, failed) => {
      const check = (): void => {
        if (!pattern.test(stdout)) return;
        waiting.delete(check);
        done();
      };
      waiting.add(check);
      check();
      void ended.then(() => failed(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`)), failed);
    });
  return { child, ended, saw };
}

/**
 * A folder of `count` small pictures: a bright upper half, from `bright` on, and a dark lower one,
 * so that upright means something.
 */
export async function makePictures(folder: string, count: number, seed = 1, bright = 150): Promise<void> {
  await mkdir(folder, { recursive: true });
  const stream = randomStream(seed, "pictures");
  const color = (low: number) => ({
    r: low + stream.integer(100),
    g: low + stream.integer(100),
    b: low + stream.integer(100),
  });
  for (let i = 0; i < count; i++) {
    const lower = await sharp({ create: { width: 20, height: 10, channels: 3, background: color(0) } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 20, height: 20, channels: 3, background: color(bright) } })
      .composite([{ input: lower, left: 0, top: 10 }])
      .png()
      .toFile(join(folder, `${String(i).padStart(3, "0")}.png`));
  }
}

/**
 * Pictures of two classes, one brighter than the other, in `FOLDER/PART/CLASS`: so many of each
 * class in each part.
 */
export async function makeLabeledPictures(
  folder: string,
  parts: Readonly<Record<string, number>>,
): Promise<void> {
  const classes = { dark: 20, light: 150 };
  let seed = 1;
  for (const [part, count] of Object.entries(parts))
    for (const [name, low] of Object.entries(classes))
      await makePictures(join(folder, part, name), count, seed++, low);
}

/** Options that make a step take milliseconds. */
export const TINY_MEASURED = [
  "data.resolution=16",
  "data.split=all",
  "generator.width=8",
  "generator.latentSize=8",
  "discriminator.width=8",
  "objective.rotatedBatch=16",
  "training.batchSize=8",
  "training.sampleEvery=1000",
  "engine.threads=1",
].flatMap((set) => ["--set", set]);

/** The same without measurements, whose steps the run itself finds: tests compare records. */
export const TINY = [...TINY_MEASURED, "--set", "training.evaluateEvery=0"];

/** Every file below a folder with a hash of its contents; lock files come and go. */
export function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !path.endsWith("lock.json"));
  return Object.fromEntries(
    paths.sort().map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

/** Arguments for a tiny training on the folder `pictures`. */
export const train = (run: string, ...more: string[]): string[] => [
  "train",
  "pictures",
  ...TINY,
  "--run",
  run,
  ...more,
];

/**
 * `npm run bench:quality`: recipes compared at equal processor time, on several sets of images and
 * seeds, by the built-in features and by an independent judge. Resumable: what is done is not done
 * again, and a run that was stopped goes on.
 *
 *     npm run bench:quality -- --out runs/quality --budget 600 --seeds 1,2,3 --sides base,r3 --set sprites=FOLDER --set emoji= [--jobs 2]
 *                              [--build FOLDER] [--judge NET]
 *
 * `--set NAME=DATA[@RESOLUTION]`: images as `train DATA`; nothing after `=` for the built-in ones.
 * `--build`: a copy of this checkout after `npm run build`, so that runs do not change under the
 * hands of whoever goes on working.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openData } from "../../src/data/index.node.ts";
import { findTorch, ROOT } from "../processes.ts";
import { SIDES, type Side } from "./sides.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "runs/quality" },
    budget: { type: "string", default: "600" },
    seeds: { type: "string", default: "1" },
    sides: { type: "string", default: "base" },
    set: { type: "string", multiple: true, default: ["emoji="] },
    jobs: { type: "string", default: "1" },
    build: { type: "string", default: ROOT },
    judge: { type: "string" },
  },
});
const out = resolve(values.out);

interface Task {
  readonly name: string;
  readonly set: string;
  readonly side: string;
  readonly seed: number;
  readonly data: string | null;
  readonly resolution: number;
  readonly recipe: Side;
}

function tasks(): Task[] {
  return values.set.flatMap((text) => {
    const [set = "", where = ""] = text.split(/=(.*)/s);
    const [, path = "", side] = /^(.*?)(?:@(\d+))?$/s.exec(where)!;
    return values.seeds.split(",").flatMap((seed) =>
      values.sides.split(",").map((name): Task => {
        const recipe = SIDES[name];
        if (!recipe) throw new Error(`no side is called ${name}: ${Object.keys(SIDES).join(", ")}`);
        const resolution = Number(side ?? 32);
        return {
          ...{
            name: `${set}-${resolution}-${name}-s${seed}-${values.budget}`,
            set,
            side: name,
            seed: Number(seed),
          },
          ...{
            data: path === "" ? null : /^[\w-]{2,}:/.test(path) ? path : resolve(path),
            resolution,
            recipe,
          },
        };
      }),
    );
  });
}

async function perform({ name, data, resolution, seed, recipe }: Task): Promise<void> {
  const file = join(out, `${name}.json`);
  if (existsSync(file)) {
    // Stopped after its measurements and before the judge's.
    if (values.judge && !existsSync(join(out, `${name}-judge.json`))) await judge(name, data, resolution);
    return;
  }
  const set = { "data.resolution": resolution, "data.split": "all", ...recipe.set };
  const spec = {
    ...{
      build: resolve(values.build),
      run: join(out, name),
      data,
      set,
      schedule: recipe.schedule,
      halfLife: recipe.halfLife,
      chosen: recipe.chosen,
      seed,
    },
    ...{ budget: Number(values.budget), features: "resnet20-cifar10" },
  };
  const child = spawn(process.execPath, [join(ROOT, "bench/quality/child.js"), JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [text, errors] = ["", ""];
  child.stdout.on("data", (part: Buffer) => (text += part));
  child.stderr.on("data", (part: Buffer) => (errors += part));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) {
    console.error(`${name}: exit ${code}\n${errors}`);
    return;
  }
  writeFileSync(file, text);
  await judge(name, data, resolution);
  show(name);
}

/**
 * The judge looks at this many real images at most, evenly spread over the set: it would take
 * longer than the training otherwise.
 */
const JUDGED = 10_000;

/** The set as one file, for the judge. */
async function reference(set: string, data: string | null, resolution: number): Promise<string> {
  const file = join(out, `${set}-${resolution}.bin`);
  if (existsSync(file)) return file;
  const store = await openData({ source: data, resolution, split: "all", preprocessing: "centre-crop" });
  const bytes = resolution * resolution * 3;
  const count = Math.min(store.count, JUDGED);
  const images = new Uint8Array(count * bytes);
  for (let i = 0; i < count; i++) store.read(Math.floor((i * store.count) / count), images, i * bytes);
  writeFileSync(file, images);
  store.close();
  return file;
}

async function judge(name: string, data: string | null, resolution: number): Promise<void> {
  const python = await findTorch();
  if (!values.judge || !python) return;
  const jobs = join(out, `${name}-judge-job.json`);
  const real = await reference(name.split("-")[0]!, data, resolution);
  writeFileSync(
    jobs,
    JSON.stringify([{ reference: real, samples: join(out, name, "samples.bin"), side: resolution }]),
  );
  const child = spawn(python, [join(ROOT, "bench/quality/judge.py"), values.judge, jobs]);
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part));
  child.stderr.on("data", (part: Buffer) => process.stderr.write(part));
  const code = await new Promise((done) => child.on("close", done));
  rmSync(jobs);
  if (code === 0) writeFileSync(join(out, `${name}-judge.json`), text);
  else console.error(`${name}: the judge ended with ${code}`);
}

interface Mean {
  readonly mean: number;
}
interface Result {
  readonly steps: number;
  readonly costs: number;
  readonly measured: Readonly<Record<"averaged" | "latest", Readonly<Record<string, Mean>>>>;
}

function show(name: string): void {
  const file = join(out, `${name}.json`);
  if (!existsSync(file)) return;
  const { steps, measured } = JSON.parse(readFileSync(file, "utf8")) as Result;
  const judged = join(out, `${name}-judge.json`);
  const of = (m: Readonly<Record<string, Mean>>): string =>
    ["fid", "kid", "precision", "recall"].map((key) => `${key} ${m[key]?.mean.toPrecision(3)}`).join(" ");
  const own = existsSync(judged) ? readFileSync(judged, "utf8").trim() : "";
  console.log(
    `${name}: ${steps} steps | averaged ${of(measured.averaged)} | latest ${of(measured.latest)} | judge ${own}`,
  );
}

mkdirSync(out, { recursive: true });
const queue = tasks();
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let task = queue.shift(); task; task = queue.shift()) await perform(task);
  }),
);
for (const { name } of tasks()) show(name);

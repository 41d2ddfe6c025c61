/** The package as other programs use it: imported by its name, from the built files. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeLabeledPictures, makePictures } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-library-"));
const run = join(folder, "run");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Run a module that may import `quarterturn`; its default result is what it logs as JSON. */
async function inNode(code: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, QUARTERTURN_RUN: run },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const TRAIN = `
import { train } from "quarterturn";
const set = { "data.resolution": 16, "generator.width": 16, "discriminator.width": 16, "training.batchSize": 16, "objective.rotatedBatch": 16 };
`;

/** The sweep of an example: what a step of milliseconds takes. */
const SEEDS = `
data: pictures
steps: 1
seeds: [1, 2]
set:
  data.split: all
  data.resolution: 16
  generator.width: 8
  discriminator.width: 8
  training.batchSize: 8
  objective.rotatedBatch: 8
`;

describe("the library", () => {
  let first: Record<string, unknown>;

  beforeAll(async () => {
    first = await inNode(`${TRAIN}
      const kinds = {};
      const abort = new AbortController();
      const onEvent = (event) => {
        kinds[event.kind] = (kinds[event.kind] ?? 0) + 1;
        if (event.kind === "step" && event.step === 3) abort.abort();
      };
      const outcome = await train({ set, steps: 5, seed: 2, run: process.env.QUARTERTURN_RUN, onEvent, signal: abort.signal });
      console.log(JSON.stringify({ ...outcome, kinds }));`);
  });

  it("trains, tells every event, and stops when asked to", () => {
    expect(first).toMatchObject({ reason: "interrupted", step: 3, steps: 5, run });
    expect(first.kinds).toMatchObject({ start: 1, step: 3, stop: 1 });
    expect(existsSync(first.checkpoint as string)).toBe(true);
  });

  it("goes on, makes images of what was trained, and measures it", async () => {
    const then = await inNode(`${TRAIN}
      import { evaluate, sample } from "quarterturn";
      const run = process.env.QUARTERTURN_RUN;
      const lines = [];
      const trained = await train({ set, steps: 5, seed: 2, run, onLine: (line) => lines.push(line) });
      const { images, count, size, latents, step } = await sample(run, { count: 3, seed: 7 });
      const again = await sample(run, { count: 2, seed: 7 });
      const { evaluations } = await evaluate(run, { samples: 64, metrics: ["kid"], repeats: 1, split: "test" });
      console.log(JSON.stringify({
        trained, lines: lines.length, count, size, step, length: images.length, latents: latents.length,
        same: Buffer.from(images.subarray(0, again.images.length)).equals(Buffer.from(again.images)),
        spread: Math.max(...images) - Math.min(...images),
        kid: evaluations[0].metrics.kid.mean, evaluated: evaluations[0].step,
      }));`);
    expect(then).toMatchObject({
      trained: { reason: "finished", step: 5 },
      ...{ count: 3, size: 16, step: 5, length: 3 * 16 * 16 * 3, latents: 3 * 128, same: true, evaluated: 5 },
    });
    expect(then.lines).toBeGreaterThan(0);
    expect(then.spread).toBeGreaterThan(0);
    expect(Number.isFinite(then.kid)).toBe(true);
  });

  it("throws errors for people", async () => {
    const error = await inNode(`${TRAIN}
      import { presets, UserError } from "quarterturn";
      const error = await train({ set: { "generator.widht": 3 } }).catch((thrown) => thrown);
      console.log(JSON.stringify({ user: error instanceof UserError, message: error.message, hint: error.hint, beta: presets.config("paper/cifar10/ssgan").objective.beta }));`);
    expect(error).toMatchObject({ user: true, beta: 1 });
    expect(`${error.message} ${error.hint}`).toMatch(/generator\.widht[\s\S]*generator\.width/);
  });

  it("refuses options it does not know before anything is made", async () => {
    const place = join(folder, "empty");
    mkdirSync(place);
    const said = await inNode(`
      import { bundle, compare, data, doctor, embed, evaluate, exportRun, features, forgetting, importNetworks, orient, probe, report, reproduce, sample, studio, sweep, train, UserError } from "quarterturn";
      process.chdir(${JSON.stringify(place)});
      const calls = [() => train({ dta: "x" }), () => train({ steps: "9" }), () => evaluate("run", { sample: 9 }), () => sample("run", { cuont: 1 }),
        () => data.inspect({ dat: "x" }), () => data.prepare({ resolution: 2 }), () => data.fetch(""), () => features.add("inception", {}), () => features.remove(7),
        () => doctor({ online: 1 }), () => forgetting(), () => forgetting("x", { evaluateAfter: [1.5] }), () => reproduce("table1", { seed: 1 }), () => reproduce("table9"), () => studio({ prot: 1 }), () => studio({ runs: "nowhere" }),
        () => exportRun("run", { onyl: [] }), () => exportRun("run", { only: ["weihgts"] }), () => embed("run", { numbers: 0 }), () => embed("run", { numbers: 4 }), () => probe("run", { untrained: true, step: 3 }),
        () => orient.find("run", { threshold: 0.1 }), () => orient.evaluate("run", { threshold: 0.9 }), () => sweep.plan(3), () => sweep.train("s.yaml", { jobs: 0 }), () => sweep.enqueue("s.yaml", {}), () => sweep.enqueue("s.yaml", { queue: "q" }),
        () => report([]), () => report(["run", ""]), () => report("run", { walk: false, threads: 2 }), () => compare("a"), () => compare("a", "b", { resolution: "natvie" }), () => bundle("run", { out: "run.tar" }), () => importNetworks(), () => importNetworks("netG.pth", { rnu: "x" })];
      const said = [];
      for (const call of calls) {
        const error = await call().catch((thrown) => thrown);
        said.push(error instanceof UserError ? error.message + " " + error.hint : "no UserError: " + error);
      }
      console.log(JSON.stringify({ said }));`);
    expect(said.said).toEqual([
      expect.stringMatching(/Unknown option "dta".*"data"/),
      expect.stringMatching(/steps is a whole number/),
      expect.stringMatching(/Unknown option "sample".*"samples"/),
      expect.stringMatching(/Unknown option "cuont".*"count"/),
      expect.stringMatching(/data\.inspect: Unknown option "dat".*"data"/),
      expect.stringMatching(/resolution is a whole number from 8 to 4096, got 2\./),
      expect.stringMatching(/name is the name of a data set.*data\.fetch\("cifar10"\)/),
      expect.stringMatching(/from is the path or the address of a weights file, got undefined/),
      expect.stringMatching(/name is the name of a feature network, got 7/),
      expect.stringMatching(/Unknown option "online".*"onLine"/),
      expect.stringMatching(
        /data is the path of labeled images, got undefined.*forgetting\("cifar10:PATH"\)/,
      ),
      expect.stringMatching(/evaluateAfter is a list of whole numbers ≥ 1, got a list/),
      expect.stringMatching(/Unknown option "seed".*"seeds"/),
      expect.stringMatching(/table or figure "table9".*table1/),
      expect.stringMatching(/Unknown option "prot".*"port"/),
      expect.stringMatching(/There is no folder nowhere/),
      expect.stringMatching(/exportRun: Unknown option "onyl".*"only"/),
      expect.stringMatching(/Unknown part "weihgts".*weights/),
      expect.stringMatching(/embed: numbers is a whole number from 1 to 1000000, got 0/),
      expect.stringMatching(/numbers would change nothing.*Name a block, for example block: "block2"/),
      expect.stringMatching(/step would change nothing: untrained: true probes/),
      expect.stringMatching(/orient\.find: threshold is a number from 0\.25 to 1, got 0\.1/),
      expect.stringMatching(/orient\.evaluate: Unknown option "threshold"/),
      expect.stringMatching(
        /the file is the path of a sweep's YAML file, got 3.*sweep\.plan\("sweep\.yaml"\)/,
      ),
      expect.stringMatching(/sweep\.train: jobs is a whole number from 1 to 1024, got 0/),
      expect.stringMatching(/queue is the address of a queue, got undefined/),
      expect.stringMatching(/The queue's address is not a URL/),
      expect.stringMatching(/report: the run is the path of a run folder, got undefined/),
      expect.stringMatching(/report: the run is the path of a run folder, got the text ""/),
      expect.stringMatching(/threads would change nothing: with walk: false nothing is computed/),
      expect.stringMatching(/compare: b is the path of images, got undefined/),
      expect.stringMatching(/resolution is a whole number from 1 to 4096 or "native"/),
      expect.stringMatching(/out: "run\.tar": a bundle is a zip file/),
      expect.stringMatching(/generator is the path of a file of weights, got undefined/),
      expect.stringMatching(/importNetworks: Unknown option "rnu".*"run"/),
    ]);
    expect(readdirSync(place)).toEqual([]);
  });

  it("has the graph, the layers and what runs in browsers beside it", async () => {
    const names = await inNode(`
      import * as graph from "quarterturn/graph";
      import * as nn from "quarterturn/nn";
      import * as web from "quarterturn/web";
      console.log(JSON.stringify({ graph: typeof graph.compile, nn: typeof nn.spectralNormalize, web: [typeof web.createWebEngine, typeof web.train] }));`);
    expect(names).toEqual({ graph: "function", nn: "function", web: ["function", "function"] });
  });
});

describe("the examples in the documentation", () => {
  /**
   * Functions in the order in which their examples build on one another, and the files that
   * document them.
   */
  const DOCUMENTED = {
    train: "library/train.ts",
    sample: "library/sample.ts",
    evaluate: "library/evaluate.ts",
    presets: "library/presets.ts",
    data: "library/data.ts",
    features: "library/features.ts",
    doctor: "library/doctor.ts",
    forgetting: "library/forgetting.ts",
    reproduce: "library/reproduce.ts",
    studio: "library/studio.ts",
    exportRun: "library/export.ts",
    embed: "library/embed.ts",
    probe: "library/probe.ts",
    orient: "library/orient.ts",
    sweep: "library/sweep.ts",
    report: "library/report.ts",
    compare: "library/compare.ts",
    bundle: "library/bundle.ts",
    importNetworks: "library/import.ts",
    snapshot: "library/snapshot.ts",
    UserError: "base/errors.ts",
  } as const;
  /** Programs of a file's `@example` tags. */
  const examplesOf = (file: string): string[] =>
    [
      ...readFileSync(resolve(import.meta.dirname, "../../src", file), "utf8").matchAll(
        /@example .*\n \* ```ts\n((?: \*.*\n)*?) \* ```/g,
      ),
    ].map(([, lines]) => lines!.replaceAll(/^ \* ?/gm, ""));

  it("run one after another, each as it stands", async () => {
    const index = readFileSync(resolve(import.meta.dirname, "../../src/index.ts"), "utf8");
    const values = [...index.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names]) =>
      names!
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type ")),
    );
    expect(values.sort()).toEqual(Object.keys(DOCUMENTED).sort());
    const place = join(folder, "examples");
    await makePictures(join(place, "pictures"), 66);
    await makeLabeledPictures(join(place, "labeled"), { train: 32, test: 32 });
    for (const network of ["netG", "netD"])
      copyFileSync(
        resolve(import.meta.dirname, `../goldens/mimicry/ssgan-32-${network}.pth`),
        join(place, `${network}.pth`),
      );
    writeFileSync(join(place, "seeds.yaml"), SEEDS);
    const library = JSON.stringify(resolve(import.meta.dirname, "../../dist/index.js"));
    const programs = Object.values(DOCUMENTED).map((file) => {
      const [example, ...more] = examplesOf(file);
      expect([file, typeof example, more.length]).toEqual([file, "string", 0]);
      return example!.replace(
        /^import (\{.*?\}) from "quarterturn";$/m,
        (_, names: string) => `const ${names} = await import(${library});`,
      );
    });
    const code = `process.chdir(${JSON.stringify(place)});\n${programs.map((program) => `{\n${program}}`).join("\n")}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "-e",
      code,
    ]);
    const lines = stdout.trim().split("\n");
    expect(lines.slice(0, 8).map((line) => line.split(" ")[0])).toEqual([..."12345678"]);
    expect(lines[8]).toMatch(/^8 steps are in .*first$/);
    expect(lines.filter((line) => line.startsWith("Uint8Array(3)"))).toHaveLength(4);
    expect(lines[13]).toMatch(/^8 resnet20-cifar10 \d/);
    expect(lines[14]).toMatch(/^\d+ rotation 100000$/);
    expect(lines[15]).toMatch(/^66 of 66 images, \d+ warnings, \d+ bytes in \//);
    expect(lines[16]).toBe("resnet20-cifar10");
    expect(lines[17]).toMatch(/^cpu/);
    expect(lines[18]).toMatch(/^true \w+, \w+/);
    expect(lines[19]).toBe("false true");
    expect(lines[20]).toMatch(/^200 http:\/\/127\.0\.0\.1:\d+/);
    expect(lines[21]).toMatch(/^8 weights \d{4,}$/);
    expect(lines[22]).toMatch(/^66 rows of \d+ numbers are in .*features\.npy$/);
    expect(lines[23]).toMatch(/^block\d block1: [01]?\.?\d+, block2: /);
    expect(lines[24]).toMatch(/^\d+ of 66 are rotated; [01]?\.?\d+ of the turns found$/);
    expect(lines[25]).toBe("2 done 1");
    expect(lines[26]).toMatch(/^\d{5,} bytes are in .*report\.html$/);
    expect(lines[27]).toMatch(/^resnet20-cifar10 \d/);
    expect(lines[28]).toMatch(/^66 images and step 8 are in .*first\.zip$/);
    expect(lines[29]).toMatch(/imported makes images of 32 × 32$/);
    expect(lines[30]).toMatch(/^\d runs are in .*runs\.html$/);
    expect(lines).toHaveLength(31);
    expect(stderr).toMatch(/generator\.widht[\s\S]*generator\.width/);
  });
});

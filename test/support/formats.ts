/** Every format of our own, with a valid file and the real readers: for tests and campaigns that damage them. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../src/base/files.node.ts";
import { restoreStream } from "../../src/base/random.ts";
import { readJsonFile } from "../../src/base/regular.node.ts";
import { type BatchState, batchOrder } from "../../src/data/batches.ts";
import { memoryStore } from "../../src/data/memory-store.ts";
import { openPack } from "../../src/data/pack-store.node.ts";
import { readLabels, writeLabels } from "../../src/data/run-images.ts";
import { writePack } from "../../src/data/testing/packs.node.ts";
import { resolveAuto } from "../../src/engine/auto.node.ts";
import { statisticsCache } from "../../src/metrics/cache.node.ts";
import { findInstalled } from "../../src/metrics/features/installed.node.ts";
import { matrix } from "../../src/metrics/linalg/matrix.ts";
import type { ReferenceKey } from "../../src/metrics/reference.ts";
import { readLines } from "../../src/studies/lines.ts";
import { accuracyLineSchema, summarise } from "../../src/studies/online/record.ts";
import { readFacts } from "../../src/studies/report/facts.ts";
import { runPicture, sampleGrids } from "../../src/studies/report/pictures.ts";
import { reportHtml } from "../../src/studies/report/report.ts";
import { hasNumbers, lostCells } from "../../src/studies/reproduce/lesser.ts";
import { reportSchema } from "../../src/studies/reproduce/report.ts";
import { createIndexStore, summariseIndex } from "../../src/studio/index-store.ts";
import { createLibrary } from "../../src/studio/library.ts";
import { emptyIndex, readOn } from "../../src/studio/run-index.ts";
import { evaluationLine, sampleLine, stepLine } from "../../src/studio/testing/records.ts";
import { parseSweep } from "../../src/sweep/file.ts";
import { planSweep } from "../../src/sweep/plan.ts";
import { storeOfFiles, unzipRun, zipRun } from "../../src/training/archive.ts";
import { readBest } from "../../src/training/best.node.ts";
import { loadCheckpoint, saveCheckpoint, snapshotOf } from "../../src/training/checkpoint.node.ts";
import { decodeMeta } from "../../src/training/checkpoint-format.ts";
import { readClassNames } from "../../src/training/class-names.node.ts";
import { parsePreset } from "../../src/training/config/preset.ts";
import { loadPreset } from "../../src/training/config/presets.node.ts";
import { resolveConfig } from "../../src/training/config/resolve.ts";
import { judgeConfigs } from "../../src/training/config-diff.ts";
import { commandIn, readChanges, readControlState } from "../../src/training/control.node.ts";
import { parseCommand } from "../../src/training/control.ts";
import { openStreams } from "../../src/training/draws.ts";
import { observeStep, UNOBSERVED } from "../../src/training/health.ts";
import { newestIn } from "../../src/training/memory-run.ts";
import { readLastStep, readMetrics } from "../../src/training/metrics.node.ts";
import { pngOf } from "../../src/training/png.ts";
import { makerNotes, provenanceDifferences } from "../../src/training/provenance.ts";
import { readConfig, readRunConfig } from "../../src/training/run-folder.node.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/training/safetensors.ts";
import { fakeConfig, fakeSteps } from "../../src/training/testing/fake.ts";
import { openTfevents } from "../../src/training/tfevents/writer.node.ts";
import type { Json, Notation } from "./mutations.ts";

/** A format: where its file is, what is in it, and everything that reads it. */
export interface Format {
  readonly name: string;
  readonly file: string;
  readonly valid: Uint8Array;
  readonly notation: Notation;
  /** Makes a checksum inside right again. */
  readonly seal?: (value: Json) => Json;
  /** Whether what is damaged is made anew, as it is only a cache. */
  readonly renewed?: boolean;
  /** Read the file as the program does. */
  read(): Promise<unknown>;
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const SIDE = 8;

const EXTRA_LINES = [
  {
    ...{ kind: "probe", step: 3, classes: 2, accuracies: { block1: 0.5 }, best: "block1" },
    protocol: {
      ...{ name: "quick", pooling: "mean", epochs: 1, batchSize: 2, learningRate: 0.1, momentum: 0.9 },
      ...{ weightDecay: 0, seeds: [1] },
    },
    train: { data: "toys", hash: "a", split: "train", count: 5, of: 5 },
    test: { data: "toys", hash: "b", split: "test", count: 5, of: 5 },
  },
  { kind: "warning", step: 3, name: "n", message: "m", advice: "a" },
  { kind: "change", step: 2, id: 1, values: { "objective.beta": 0.5 } },
];

const SESSION = {
  ...{ started: "2026-01-01T00:00:00.000Z", fromStep: 0, versions: { node: "20" }, platform: "linux x64" },
  ...{ engine: "cpu", device: "cpu", threads: 1, host: "h", cpu: "c", cores: 2, memoryBytes: 8e9 },
};

/** Make a run with all its files in `folder`, other files beside it. @returns every format */
export async function prepareFormats(folder: string): Promise<Format[]> {
  const run = join(folder, "runs", "run");
  await mkdir(join(run, "samples"), { recursive: true });
  const config = resolveConfig({ preset: loadPreset(undefined), sets: [], flags: [] }).config;
  const record = [
    sampleLine(0),
    ...[1, 2, 3].map((step) => stepLine(step)),
    ...EXTRA_LINES.map((line) => `${JSON.stringify(line)}\n`),
    evaluationLine(3, 20),
  ].join("");
  const picture = pngOf({ width: 6, height: 4, pixels: new Uint8Array(72).fill(90) });
  const steps = fakeSteps();
  const snapshot = {
    progress: {
      ...{ step: 3, updates: { generator: 3, discriminator: 6 }, health: UNOBSERVED },
      streams: { latents: { words: [1, 2, 3, 4] as const, spare: null } },
      batches: batchOrder(50, 4, 1).save(),
    },
    state: steps.initialState(1),
  };
  const provenance = { config: "c", data: "d", engine: "e" };
  const checkpoint = await saveCheckpoint(join(run, "checkpoints"), snapshot, steps, provenance, 3);
  const meta = await readFile(join(checkpoint, "meta.json"));
  const weights = await readFile(join(checkpoint, "weights.safetensors"));

  const inRun = (name: string): string => join(run, name);
  const readers = readersOf(run, folder);
  const formats: Format[] = [
    {
      ...{ name: "config.json", file: inRun("config.json"), valid: text(config), notation: "json" },
      async read() {
        judgeConfigs(await readConfig(run), config);
        await readRunConfig(run);
      },
    },
    {
      ...{ name: "environment.json", file: inRun("environment.json"), notation: "json" },
      ...{ valid: text({ sessions: [SESSION] }), read: readers.report },
    },
    {
      ...{ name: "metrics.jsonl", file: inRun("metrics.jsonl"), notation: "json-lines" },
      ...{ valid: new TextEncoder().encode(record), read: readers.record },
    },
    {
      ...{ name: "evaluations.jsonl", file: inRun("evaluations.jsonl"), notation: "json-lines" },
      ...{ valid: new TextEncoder().encode(evaluationLine(3, 19)), read: readers.report },
    },
    {
      ...{ name: "best.json", file: inRun("best.json"), notation: "json" },
      ...{ valid: text({ step: 3, metric: "fid", value: 20 }), read: () => readBest(run) },
    },
    {
      ...{ name: "changes.json", file: inRun("changes.json"), notation: "json" },
      valid: text({ changes: [{ id: 1, step: 2, values: { "objective.beta": 0.5 } }] }),
      read: () => readChanges(run),
    },
    {
      ...{ name: "classes.json", file: inRun("classes.json"), notation: "json" },
      ...{ valid: text(["a", "b"]), read: () => readClassNames(run) },
    },
    {
      ...{ name: "samples/*.png", file: inRun("samples/0000000.png"), notation: "bytes" },
      ...{ valid: picture, read: readers.report },
    },
    {
      ...{ name: "control/state.json", file: inRun("control/state.json"), notation: "json" },
      valid: text({ paused: false, step: 3, values: {}, answers: [{ id: "a", ok: true, message: "m" }] }),
      read: () => readControlState(run),
    },
    {
      ...{ name: "meta.json", file: join(checkpoint, "meta.json"), valid: meta, notation: "json" },
      seal: sealed,
      async read() {
        const read = decodeMeta(await readFile(join(checkpoint, "meta.json")), "meta.json", sha256);
        openStreams(steps.draws, 1, read.progress.streams);
        for (const state of Object.values(read.progress.streams)) restoreStream(state).normal();
        batchOrder(50, 4, read.progress.batches as BatchState);
        observeStep(read.progress.health, JSON.parse(stepLine(4)));
        provenanceDifferences(read, provenance);
        makerNotes(read, provenance, "1");
        await loadCheckpoint(checkpoint);
      },
    },
    {
      ...{ name: "weights.safetensors", file: join(checkpoint, "weights.safetensors"), notation: "bytes" },
      valid: weights,
      async read() {
        decodeSafetensors(await readFile(join(checkpoint, "weights.safetensors")), "weights.safetensors");
        snapshotOf(await loadCheckpoint(checkpoint), steps);
      },
    },
  ];
  return [...formats, ...(await otherFormats(folder))];
}

/** `meta.json` with the checksum of what it says now. */
function sealed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  const { checksum: _, ...rest } = value as Record<string, Json>;
  return { ...rest, checksum: sha256(JSON.stringify(rest)) };
}

/** What reads a run as a whole. */
function readersOf(run: string, folder: string) {
  const report = async (): Promise<void> => {
    const facts = await readFacts(run);
    const pictures = {
      ...{ grids: await sampleGrids(facts), walk: undefined },
      reals: await runPicture(facts, "samples/reals.png"),
    };
    reportHtml([{ facts, pictures }], "1", new Date(0));
    reportHtml(
      [facts, facts].map((each) => ({ facts: each, pictures })),
      "1",
      new Date(0),
    );
  };
  const record = async (): Promise<void> => {
    const path = join(run, "metrics.jsonl");
    await readMetrics(path);
    await readLastStep(path);
    summariseIndex(await readOn(emptyIndex(), path));
    const library = createLibrary(join(folder, "runs"), createIndexStore(join(folder, "index")));
    await library.list();
    await library.detail("run");
    await library.curves("run");
    const view = openTfevents(join(folder, "runs", "run"), () => undefined);
    await view.onEvent({ kind: "start", step: 3, steps: 10, engine: "e" });
    view.close();
    await report();
  };
  return { report, record };
}

const KEY: ReferenceKey = {
  ...{ data: "d", split: "test", preprocessing: "p", side: 8, count: 4, resize: "none", size: 8 },
  features: "f",
};

const SWEEP = `description: a sweep
steps: 10
set: {training.batchSize: 32}
grid:
  objective.selfSupervision: [rotation, none]
  optimizer.beta1: [0, 0.5]
seeds: [1, 2]
`;

const REPORT = {
  ...{ experiment: "table1", title: "t", scale: "tiny", scaleDescription: "", settings: { a: 1 }, data: "d" },
  ...{ steps: 2, complete: true, protocols: [], charts: [], rows: "Model", notes: [] },
  runs: [{ id: "a", label: "l", seed: 1, step: 2, steps: 2, state: "done" }],
  cells: [
    {
      ...{ row: "r", column: "c", measure: "fid", shown: "mean" },
      here: { values: [1], seeds: [1], mean: 1, deviation: null, step: 2 },
    },
  ],
};

/** Caches, files of settings, and what is carried about. */
async function otherFormats(folder: string): Promise<Format[]> {
  const at = (...parts: string[]): string => join(folder, ...parts);
  await mkdir(at("cache", "features"), { recursive: true });
  await mkdir(at("study"), { recursive: true });
  await writePack(at("cache", "a-b.pack"), 5, SIDE, (i, pixels) => pixels.fill(i));
  const cache = statisticsCache(at("cache"), () => undefined);
  const moments = {
    ...{ count: 4, mean: Float64Array.of(1, 2) },
    covariance: matrix(2, 2, Float64Array.of(1, 0, 0, 1)),
  };
  await cache.write(KEY, "moments", moments);
  await writeFile(at("cache", "features", "inception.onnx"), "x");
  const [statistics = ""] = await readdir(at("cache", "statistics"));
  const auto = () =>
    resolveAuto({ threads: 1, cacheFolder: at("cache"), graphics: ["g"], runTrials: async () => RESULTS });
  await auto();
  const [choice = ""] = await readdir(at("cache", "devices"));
  const store = memoryStore({ images: new Uint8Array(2 * SIDE * SIDE * 3), size: SIDE, hash: "" });
  const png = pngOf({ width: SIDE, height: SIDE, pixels: new Uint8Array(SIDE * SIDE * 3) });
  const labels = writeLabels(Uint16Array.of(0, 1), ["a", "b"]);
  const zip = zipRun(
    "cats",
    new Map([
      ["config.json", text(fakeConfig())],
      ["metrics.jsonl", new TextEncoder().encode(stepLine(1))],
      ["images/0000000.png", png],
      ["images/0000001.png", png],
      ["images/labels.json", labels],
    ]),
  );
  const control = at(
    "runs",
    "run",
    "control",
    `command-${"0".repeat(15)}-${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}.json`,
  );
  const tensors = new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]);
  const [head = new Uint8Array(), ...rest] = encodeSafetensors(tensors, { progress: "{}" });
  const whole = new Uint8Array(Buffer.concat([head, ...rest]));
  return [
    {
      ...{ name: "safetensors, alone", file: at("a.safetensors"), valid: whole, notation: "bytes" as const },
      read: async () => decodeSafetensors(await readFile(at("a.safetensors")), "a.safetensors"),
    },
    {
      ...{ name: "control/command", file: control, notation: "json" as const },
      valid: text({ kind: "change", values: { "optimizer.learningRate": 0.01 } }),
      read: async () => parseCommand(commandIn(control), fakeConfig(), fakeSteps()),
    },
    {
      ...{ name: "packed images", file: at("cache", "a-b.pack"), notation: "bytes" as const },
      valid: await readFile(at("cache", "a-b.pack")),
      async read() {
        const opened = await openPack(at("cache", "a-b.pack"), { notes: [], fromCache: true });
        try {
          opened?.read(0, new Uint8Array(SIDE * SIDE * 3), 0);
        } finally {
          opened?.close();
        }
      },
    },
    {
      ...{ name: "statistics", file: at("cache", "statistics", statistics), notation: "bytes" as const },
      valid: await readFile(at("cache", "statistics", statistics)),
      read: () => cache.read(KEY, "moments"),
    },
    {
      ...{
        name: "features/*.json",
        file: at("cache", "features", "inception.json"),
        notation: "json" as const,
      },
      valid: text({ from: "f", sha256: "s", added: "2026", remarks: [] }),
      read: () => findInstalled("inception", at("cache")),
    },
    {
      ...{ name: "devices/*.json", file: at("cache", "devices", choice), notation: "json" as const },
      ...{ valid: await readFile(at("cache", "devices", choice)), read: auto, renewed: true },
    },
    {
      ...{ name: "sweep file", file: at("sweep.yaml"), notation: "bytes" as const },
      valid: new TextEncoder().encode(SWEEP),
      read: async () =>
        planSweep(
          parseSweep(await readFile(at("sweep.yaml"), "utf8"), "sweep.yaml"),
          folder,
          loadPreset,
          "sweep.yaml",
        ),
    },
    {
      ...{ name: "sweep file, as JSON", file: at("sweep.json"), notation: "json" as const },
      valid: text({
        steps: 10,
        grid: { "optimizer.beta1": [0, 0.5] },
        points: [{ name: "a", set: { "training.ema": 0 } }],
        seeds: [1, 2],
      }),
      read: async () =>
        planSweep(
          parseSweep(await readFile(at("sweep.json"), "utf8"), "sweep.json"),
          folder,
          loadPreset,
          "sweep.json",
        ),
    },
    {
      ...{ name: "preset", file: at("preset.yaml"), notation: "bytes" as const },
      valid: new TextEncoder().encode(
        "description: d\nsource: s\ntraining:\n  steps: 100 # paper\n  batchSize: 64\n",
      ),
      async read() {
        const preset = parsePreset("preset", await readFile(at("preset.yaml"), "utf8"));
        resolveConfig({ preset, sets: [], flags: [] });
      },
    },
    {
      ...{ name: "bundle", file: at("cats.zip"), valid: zip, notation: "bytes" as const },
      async read() {
        const { files } = unzipRun(await readFile(at("cats.zip")), "cats.zip");
        storeOfFiles(files, SIDE);
        await newestIn(files);
      },
    },
    {
      ...{ name: "images/labels.json", file: at("labels.json"), valid: labels, notation: "json" as const },
      read: async () => readLabels(await readFile(at("labels.json")), store.count),
    },
    {
      ...{ name: "accuracy.jsonl", file: at("study", "accuracy.jsonl"), notation: "json-lines" as const },
      valid: text({ kind: "accuracy", step: 1, task: 0, cycle: 0, moment: "current", accuracy: 0.5 }),
      read: async () => summarise(await readLines(at("study", "accuracy.jsonl"), accuracyLineSchema)),
    },
    {
      ...{
        name: "result of a reproduction",
        file: at("table1.json"),
        valid: text(REPORT),
        notation: "json" as const,
      },
      async read() {
        const report = await readJsonFile(at("table1.json"), { schema: reportSchema, hint: "h" });
        if (report && hasNumbers(report)) lostCells(report.cells, []);
      },
    },
  ];
}

const RESULTS = [{ device: "cpu" as const, milliseconds: 1 }];

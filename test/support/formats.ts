/**
 * Every format of our own, with a valid file and the real readers: for tests and campaigns that
 * damage them.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../src/base/disk/files.node.ts";
import { restoreStream } from "../../src/base/random.ts";
import { type BatchState, batchOrder } from "../../src/data/store/batches.ts";
import { readFacts } from "../../src/studies/report/facts.ts";
import { runPicture, sampleGrids } from "../../src/studies/report/pictures.ts";
import { reportHtml } from "../../src/studies/report/report.ts";
import { createIndexStore, summarizeIndex } from "../../src/studio/runs/index-store.ts";
import { createRunCatalog } from "../../src/studio/runs/run-catalog.ts";
import { emptyIndex, readOn } from "../../src/studio/runs/run-index.ts";
import { evaluationLine, sampleLine, stepLine } from "../../src/studio/testing/records.ts";
import { loadPreset } from "../../src/training/config/presets.node.ts";
import { resolveConfig } from "../../src/training/config/resolve.ts";
import { readLastStep, readMetrics } from "../../src/training/evaluation/metrics.node.ts";
import { readChanges, readControlState } from "../../src/training/loop/control/control.node.ts";
import { openStreams } from "../../src/training/loop/draws.ts";
import { observeStep, UNOBSERVED } from "../../src/training/loop/health/health.ts";
import { readBest } from "../../src/training/run/checkpoint/best.node.ts";
import {
  loadCheckpoint,
  saveCheckpoint,
  snapshotOf,
} from "../../src/training/run/checkpoint/checkpoint.node.ts";
import { decodeMeta } from "../../src/training/run/checkpoint/checkpoint-format.ts";
import { readClassNames } from "../../src/training/run/folder/class-names.node.ts";
import { readConfig, readRunConfig } from "../../src/training/run/folder/run-folder.node.ts";
import { compareConfigs } from "../../src/training/run/record/config-diff.ts";
import { makerNotes, provenanceDifferences } from "../../src/training/run/record/provenance.ts";
import { decodeSafetensors } from "../../src/training/safetensors.ts";
import { pngOf } from "../../src/training/sampling/png.ts";
import { fakeSteps } from "../../src/training/testing/fake.ts";
import { openTfevents } from "../../src/training/tfevents/writer.node.ts";
import { type Format, text } from "./format.ts";
import type { Json } from "./mutations.ts";
import { otherFormats } from "./other-formats.ts";

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
        compareConfigs(await readConfig(run), config);
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
    summarizeIndex(await readOn(emptyIndex(), path));
    const catalog = createRunCatalog(join(folder, "runs"), createIndexStore(join(folder, "index")));
    await catalog.list();
    await catalog.detail("run");
    await catalog.curves("run");
    const view = openTfevents(join(folder, "runs", "run"), () => undefined);
    await view.onEvent({ kind: "start", step: 3, steps: 10, engine: "e" });
    view.close();
    await report();
  };
  return { report, record };
}

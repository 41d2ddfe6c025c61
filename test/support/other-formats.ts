/**
 * Formats of caches, of files of settings, and of what is carried about, with valid files and the
 * real readers.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJsonFile } from "../../src/base/disk/regular.node.ts";
import { readLabels, writeLabels } from "../../src/data/run-images.ts";
import { memoryStore } from "../../src/data/store/memory-store.ts";
import { openPack } from "../../src/data/store/pack-store.node.ts";
import { writePack } from "../../src/data/testing/packs.node.ts";
import { resolveAuto } from "../../src/engine/devices/auto.node.ts";
import { statisticsCache } from "../../src/metrics/extraction/cache.node.ts";
import type { ReferenceKey } from "../../src/metrics/extraction/reference.ts";
import { findInstalled } from "../../src/metrics/features/installed.node.ts";
import { matrix } from "../../src/metrics/linalg/matrix.ts";
import { accuracyLineSchema, summarize } from "../../src/studies/online/record.ts";
import { readLines } from "../../src/studies/record-files.ts";
import { reportSchema } from "../../src/studies/reproduce/report.ts";
import { hasNumbers, lostCells } from "../../src/studies/reproduce/result-regression.ts";
import { stepLine } from "../../src/studio/testing/records.ts";
import { parseSweep } from "../../src/sweep/file.ts";
import { planSweep } from "../../src/sweep/plan.ts";
import { parsePreset } from "../../src/training/config/preset.ts";
import { loadPreset } from "../../src/training/config/presets.node.ts";
import { resolveConfig } from "../../src/training/config/resolve.ts";
import { commandIn } from "../../src/training/loop/control/control.node.ts";
import { parseCommand } from "../../src/training/loop/control/control.ts";
import { storeOfFiles, unzipRun, zipRun } from "../../src/training/run/folder/archive.ts";
import { newestIn } from "../../src/training/run/memory-run.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/training/safetensors.ts";
import { pngOf } from "../../src/training/sampling/png.ts";
import { fakeConfig, fakeSteps } from "../../src/training/testing/fake.ts";
import { type Format, SIDE, text } from "./format.ts";

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
export async function otherFormats(folder: string): Promise<Format[]> {
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
      read: async () => summarize(await readLines(at("study", "accuracy.jsonl"), accuracyLineSchema)),
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

/** The use case `import`: networks from files of another program become a run folder. */
import { basename, extname, join, resolve } from "node:path";
import { sha256 } from "../base/disk/files.node.ts";
import { readRegular } from "../base/disk/regular.node.ts";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { batchOrder } from "../data/store/batches.ts";
import { readSavedWeights, type SavedWeights } from "../metrics/features/torch/file.node.ts";
import { initialState, networkLayout, traceNetworks } from "../objectives/programs/initial-state.ts";
import type { Steps } from "../objectives/steps.ts";
import { loadPreset } from "../training/config/presets.node.ts";
import { resolveConfig } from "../training/config/resolve.ts";
import type { Config } from "../training/config/schema.ts";
import { type ImportedNetwork, importDiscriminator, importGenerator } from "../training/import/mimicry.ts";
import { writeOrigin } from "../training/import/origin.node.ts";
import { UNOBSERVED } from "../training/loop/health/health.ts";
import { saveCheckpoint } from "../training/run/checkpoint/checkpoint.node.ts";
import { assembleState } from "../training/run/checkpoint/weights.ts";
import { checkpointsIn, openRun } from "../training/run/folder/run-folder.node.ts";
import { isRun } from "../training/run/folder/run-name.node.ts";
import { provenanceOf } from "../training/run/record/provenance.ts";
import type { Context } from "./context.ts";
import { canonicalSource, shortPath } from "./support/run-folder.ts";

/** The largest generator has 32 million parameters; its file has Adam's moments besides. */
const WEIGHTS = { max: 2_000_000_000, what: "a file of weights" };

/** A file that was read. */
interface WeightsFile extends SavedWeights {
  readonly path: string;
  readonly sha256: string;
}

/** Which networks, and where the run goes. */
export interface ImportOptions {
  /** A file with the generator: `netG.pth`. */
  readonly generator: string;
  /** A file with the discriminator; only a generator is imported unless given. */
  readonly discriminator?: string | undefined;
  /** The images that they were trained on; nobody knows unless given. */
  readonly data?: string | undefined;
  /** The run folder; below `runs/` after the file unless given. */
  readonly run?: string | undefined;
}

/** A run that was made: the document of `import --json`, but for the widths. */
export interface ImportResult {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  /** Side of the images in pixels. */
  readonly resolution: number;
  /** Channels of the networks; undefined where there is no discriminator. */
  readonly widths: { readonly generator: number; readonly discriminator: number | undefined };
  /** Values of the configuration that the files gave. */
  readonly generator: ImportedNetwork["settings"];
  readonly discriminator: ImportedNetwork["settings"] | null;
}

/**
 * Make a run of networks that another program has trained.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts, with
 * nothing written
 */
export async function importNetworks(
  options: ImportOptions,
  { report, signal }: Context,
): Promise<ImportResult> {
  const { generator: file, discriminator: name, data } = options;
  const dir = resolve(options.run ?? join("runs", basename(file, extname(file))));
  if (await isRun(dir))
    throw new UserError(
      `${shortPath(dir)} holds a run already.`,
      `Name another folder: ${option("run", "runs/NAME")}`,
    );
  const from = { generator: await readWeights(file), discriminator: name && (await readWeights(name)) };
  const generator = importGenerator({ where: file, tensors: from.generator.tensors });
  const discriminator = from.discriminator
    ? importDiscriminator({ where: from.discriminator.path, tensors: from.discriminator.tensors })
    : undefined;
  const step = from.generator.step ?? 1;
  const config = configOf(generator, discriminator, {
    "data.source": canonicalSource(data ?? null),
    "training.steps": Math.max(1, step),
  });
  const traces = traceNetworks(config);
  const layout = networkLayout(config, traces);
  const fresh = initialState(config, config.training.seed, traces);
  const state = stateOf(fresh, layout, generator, discriminator, shortPath(file));
  signal.throwIfAborted();
  const run = await openRun({ config, dir });
  try {
    const described = ({ path, sha256 }: WeightsFile) => ({ name: basename(path), sha256 });
    await writeOrigin(run.dir, {
      generator: described(from.generator),
      discriminator: from.discriminator ? described(from.discriminator) : null,
    });
    const { batchSize, seed, discIters } = config.training;
    const progress = {
      ...{ step, updates: { generator: step, discriminator: step * discIters }, streams: {} },
      ...{ batches: batchOrder(batchSize, batchSize, seed).save(), health: UNOBSERVED },
    };
    // No images belong to it: whoever goes on training does so in a run of their own.
    const provenance = provenanceOf(config, { hash: "imported" }, "PyTorch (imported)", sha256);
    await saveCheckpoint(checkpointsIn(run.dir), { progress, state }, { layout }, provenance, 1);
  } finally {
    await run.close();
  }
  if (!discriminator)
    void report({
      kind: "warning",
      message: `Without ${option("discriminator")} there is only a generator: orient, embed and probe have nobody to ask.`,
    });
  if (config.data.source === null)
    void report({
      kind: "warning",
      message: `Without ${option("images")} nobody knows what it was trained on: evaluate would compare with the built-in images.`,
    });
  return {
    ...{ run: run.dir, step, resolution: config.data.resolution },
    widths: {
      generator: config.generator.width,
      discriminator: discriminator && config.discriminator.width,
    },
    ...{ generator: generator.settings, discriminator: discriminator?.settings ?? null },
  };
}

/** @throws UserError when there is no such file, or it holds no weights */
async function readWeights(file: string): Promise<WeightsFile> {
  const path = resolve(file);
  const bytes = await readRegular(path, WEIGHTS).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UserError(`There is no file ${shortPath(path)}.`, "Give the netG.pth of a trained model.");
  });
  return { path, sha256: sha256(bytes), ...(await readSavedWeights(bytes, shortPath(path))) };
}

/**
 * The configuration of the networks: mimicry's own for images of that side, with what the files
 * say.
 */
function configOf(
  generator: ImportedNetwork,
  discriminator: ImportedNetwork | undefined,
  more: Readonly<Record<string, unknown>>,
): Config {
  const conditional = generator.settings["generator.norm"] === "conditional";
  const told = conditional && { "discriminator.conditioning": "projection" };
  const values = {
    ...generator.settings,
    // A discriminator that is not there is fresh; it must only fit.
    ...(discriminator?.settings ?? { "objective.selfSupervision": "none", ...told }),
    ...more,
  };
  const flags = Object.entries(values).map(([path, value]) => ({ flag: path, path, value }));
  const preset = loadPreset(`mimicry/ssgan-${generator.settings["data.resolution"]}`);
  return resolveConfig({ preset, sets: [], flags }).config;
}

/** A fresh state with the imported networks in it. */
function stateOf(
  fresh: Readonly<Record<string, Float32Array>>,
  layout: Steps["layout"],
  generator: ImportedNetwork,
  discriminator: ImportedNetwork | undefined,
  where: string,
): Record<string, Float32Array> {
  const taken = Object.keys(fresh).filter(
    (entry) =>
      /^generator\/(parameters|buffers)$/.test(entry) ||
      (discriminator !== undefined && /^discriminator\/(parameters|buffers)$/.test(entry)),
  );
  const weights = new Map([...generator.weights, ...(discriminator?.weights ?? [])]);
  const given = assembleState({ weights, rest: new Map() }, taken, layout, where);
  return { ...fresh, ...given, "generator/ema": given["generator/parameters"]!.slice() };
}

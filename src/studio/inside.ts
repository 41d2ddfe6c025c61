/**
 * What the page is told of the inside of a discriminator: which checkpoints there are, and answers
 * that are kept while these stay.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { spreadOut } from "../base/math/spread-out.ts";
import { createInside } from "../studies/inside/ask.ts";
import type { LayersAt } from "../studies/inside/layers.ts";
import type { FeatureMap } from "../studies/inside/map.ts";
import type { PictureView } from "../studies/inside/picture.ts";
import type { GridFiles } from "../studies/inside/shown-images.ts";
import type { SampleEvent } from "../training/events.ts";
import { listCheckpoints } from "../training/run/checkpoint/checkpoint.node.ts";
import { checkpointName } from "../training/run/checkpoint/checkpoint-format.ts";
import { checkpointsIn } from "../training/run/folder/run-folder.node.ts";
import type { RunCatalog } from "./runs/run-catalog.ts";

/** Checkpoints whose layers are looked at together. */
const MAX_THROUGH = 6;
/** Answers that are kept. */
const MAX_KEPT = 32;

/** A map, and of which checkpoints there would be others. */
export interface FeatureMapAnswer extends FeatureMap {
  /** Steps, ascending. */
  readonly checkpoints: readonly number[];
}

/** Looks into the discriminators of runs. Every method throws `UnknownRun` and `UserError`. */
export interface Insides {
  /** @param step the newest checkpoint up to it is looked into; the newest of all if left out */
  map(id: string, step?: number): Promise<FeatureMapAnswer>;
  /** Layers at a few checkpoints, the first and the last among them. */
  layers(id: string): Promise<readonly LayersAt[]>;
  /**
   * What is said of a picture.
   * @param label class that it is shown as, where the discriminator is told one; unless given, see
   * `PictureRequest`
   */
  picture(id: string, picture: Uint8Array, label: number | undefined, step?: number): Promise<PictureView>;
  close(): void;
}

/** Nothing is started before the first question. */
export function createInsides(catalog: Pick<RunCatalog, "folder" | "look">): Insides {
  const inside = createInside();
  const kept = new Map<string, Promise<unknown>>();
  const remember = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = kept.get(key) as Promise<T> | undefined;
    if (known) return known;
    const found = ask();
    kept.set(key, found);
    // Of what went wrong nothing is kept.
    found.catch(() => kept.delete(key));
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
    return found;
  };

  const checkpoints = async (id: string) => {
    const run = await catalog.folder(id);
    const all = (await listCheckpoints(checkpointsIn(run))).reverse();
    const newest = all.at(-1);
    if (newest === undefined)
      throw new UserError(
        "This run has no checkpoint, so there is no discriminator to look into.",
        "One is made every training.checkpointEvery steps, when the training stops, and by “Save now”.",
      );
    const at = (step: number | undefined): number =>
      step === undefined ? newest : (all.findLast((one) => one <= step) ?? all[0]!);
    return { run, all, at };
  };
  const gridsOf = async (id: string) => {
    const { samples } = (await catalog.look(id)).index;
    return (step: number): GridFiles | undefined => gridAt(samples, step);
  };

  return {
    async map(id, step) {
      const { run, all, at } = await checkpoints(id);
      const chosen = at(step);
      const request = { run, step: chosen, grid: (await gridsOf(id))(chosen) };
      const key = JSON.stringify(["map", request, await madeAt(run, chosen)]);
      return { ...(await remember(key, () => inside.map(request))), checkpoints: all };
    },
    async layers(id) {
      const { run, all } = await checkpoints(id);
      const through = spreadOut(all, MAX_THROUGH);
      const grid = await gridsOf(id);
      const grids = Object.fromEntries(
        through.flatMap((one) => {
          const files = grid(one);
          return files ? [[one, files] as const] : [];
        }),
      );
      const times = await Promise.all(through.map((one) => madeAt(run, one)));
      const key = JSON.stringify(["layers", run, grids, times]);
      return remember(key, () => inside.layers({ run, through, grids }));
    },
    async picture(id, picture, label, step) {
      const { run, at } = await checkpoints(id);
      return inside.picture({ run, step: at(step), picture, label });
    },
    close: () => inside.close(),
  };
}

/**
 * When a checkpoint was made, which tells one that was made again after the run went on from an
 * earlier one.
 */
async function madeAt(run: string, step: number): Promise<number> {
  const file = join(checkpointsIn(run), checkpointName(step), "meta.json");
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

/** The newest grid up to a step, or the first. */
function gridAt(samples: readonly SampleEvent[], step: number): GridFiles | undefined {
  const sample = samples.findLast((one) => one.step <= step) ?? samples[0];
  if (!sample) return undefined;
  const { file, averagedFile, judgement } = sample;
  return { step: sample.step, file, averagedFile, judgement };
}

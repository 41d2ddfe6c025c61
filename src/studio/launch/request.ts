/** What a page asks to be trained, checked, and as arguments of a process. */
import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { UserError, unknownName } from "../../base/errors.ts";
import { parseDuration } from "../../base/text/format/index.ts";
import { presetNames } from "../../training/config/presets.node.ts";
import { folderBelow, refuseLinksOut } from "./place.ts";
import type { LaunchRequest } from "./protocol.ts";

/** Where trainings may be started, and on what. */
export interface LaunchPlaces {
  /** Folder that images are chosen below, absolute. */
  readonly images: string;
  /** Folder of runs, absolute. */
  readonly runs: string;
}

/** A request that has been looked at. */
export interface CheckedRequest {
  readonly request: LaunchRequest;
  /** Id of the run. */
  readonly run: string;
  /** Of `quarterturn train`, without those that only a dry run has. */
  readonly arguments: readonly string[];
}

const schema = z.strictObject({
  folder: z.string().nullable(),
  preset: z.string().optional(),
  resolution: z.int().min(8).max(1024).optional(),
  steps: z.int().min(1).max(10_000_000).optional(),
  time: z.string().max(40).optional(),
  name: z.string().optional(),
});

/** A folder of its own, that no program takes for an option or something hidden. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,79}$/u;

/**
 * Look at what a page asks for.
 * @throws UserError for a folder outside of the root, a name that is taken, and everything else
 * that cannot be
 */
export async function checkRequest(body: unknown, { images, runs }: LaunchPlaces): Promise<CheckedRequest> {
  const read = schema.safeParse(body);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new UserError(
      `${issue?.path.join(".") || "The request"} is not as it should be: ${issue?.message ?? "unknown"}.`,
      "Reload the page.",
    );
  }
  const request = read.data;
  const { folder, preset, resolution, steps, time } = request;
  if ((steps === undefined) === (time === undefined))
    throw new UserError("Either steps or a time says how long the run is.", "Give one of them.");
  if (time !== undefined) parseDuration(time, "time");
  if (preset !== undefined && !presetNames().includes(preset))
    throw unknownName("preset", preset, presetNames());
  const data = folder === null ? undefined : await folderBelow(images, folder);
  if (data !== undefined) await refuseLinksOut(images, data);
  const run = await freeName(runs, request.name, data === undefined ? "emoji" : basename(data));
  return {
    request,
    run,
    arguments: [
      "train",
      ...(data === undefined ? [] : [data]),
      ...(preset === undefined ? [] : ["--preset", preset]),
      ...(resolution === undefined ? [] : ["--resolution", String(resolution)]),
      ...(steps === undefined ? [] : ["--steps", String(steps)]),
      ...(time === undefined ? [] : ["--time", time]),
      ...["--run", join(runs, run), "--no-studio"],
    ],
  };
}

async function freeName(runs: string, name: string | undefined, base: string): Promise<string> {
  const isFree = (each: string): Promise<boolean> =>
    lstat(join(runs, each)).then(
      () => false,
      () => true,
    );
  if (name !== undefined && name !== "") {
    if (!NAME.test(name) || name.endsWith(" ") || name.endsWith("."))
      throw new UserError(
        `"${name.slice(0, 80)}" cannot be the name of a run.`,
        "Use letters, digits, spaces, points, - and _, at most 80 of them.",
      );
    if (await isFree(name)) return name;
    throw new UserError(`There is something called ${name} already.`, "Choose another name for the run.");
  }
  const plain = base
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}_]+/u, "")
    .slice(0, 60);
  for (let number = 1; ; number++) {
    const each = `${plain || "run"}${number === 1 ? "" : `-${number}`}`;
    if (await isFree(each)) return each;
  }
}

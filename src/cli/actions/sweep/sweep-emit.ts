/** `sweep --emit`: a sweep as a job of a scheduler. */
import { basename, extname, isAbsolute, posix, resolve } from "node:path";
import { UserError, unknownName } from "../../../base/errors.ts";
import { resolveSource } from "../../../data/index.node.ts";
import { availableThreads } from "../../../engine/devices/cpu.node.ts";
import { EMITTERS } from "../../../sweep/emit.ts";
import { POD_VOLUME } from "../../../sweep/emit-kubernetes.ts";
import type { SweepPoint } from "../../../sweep/plan.ts";
import { EXIT, type Invocation } from "../../command.ts";

/** What is emitted. */
export interface EmittedSweep {
  /** The sweep file's text. */
  readonly text: string;
  readonly points: readonly SweepPoint[];
  /** Points at once. */
  readonly jobs: number;
  /** The folder of the runs, as this machine sees it. */
  readonly folder: string;
}

/** Print the job. @returns the exit code */
export function emitSweep(
  { options, output, args }: Pick<Invocation, "args" | "options" | "output">,
  { text: sweep, points, jobs, folder }: EmittedSweep,
): number {
  const emitter = options.text("emit")!;
  const path = args[0]!;
  const shared = { name: jobName(path), points: points.length, jobs, cores: availableThreads() };
  let text: string;
  if (emitter === "slurm") {
    const command = ["quarterturn", "sweep", resolve(path), "--out", folder, "--only"];
    text = EMITTERS.slurm({ ...shared, command });
  } else if (emitter === "kubernetes") {
    checkPodPaths(points);
    const image = options.text("image") ?? "quarterturn";
    text = EMITTERS.kubernetes({
      ...shared,
      sweep,
      image,
      folder: podFolder(options.text("out"), shared.name),
    });
  } else throw unknownName("scheduler", emitter, Object.keys(EMITTERS));
  output.result(text.trimEnd(), { scheduler: emitter, points: points.length, text });
  return EXIT.done;
}

/**
 * Letters, digits and dashes from a file's name, short enough for Kubernetes, which appends a
 * number and has 63 characters.
 */
function jobName(path: string): string {
  const name = basename(path, extname(path))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50);
  return name.replace(/^-|-$/g, "") || "sweep";
}

/** `--out` for pods. @throws UserError when it is not on their volume */
function podFolder(out: string | undefined, name: string): string {
  const folder = posix.normalize(out ?? `${POD_VOLUME}/${name}`);
  if (!isOnVolume(folder))
    throw new UserError(
      `--out ${out} is no folder that the pods share.`,
      `They see a volume at ${POD_VOLUME}: give --out ${POD_VOLUME}/${name}, or leave it out.`,
    );
  return folder;
}

/**
 * @throws UserError when a point needs a file that pods would not find: they see the volume, and
 * nothing of this machine
 */
function checkPodPaths(points: readonly SweepPoint[]): void {
  for (const { config } of points) {
    const { source } = config.data;
    const { probeData, evaluateFeatures } = config.training;
    for (const [path, given, place] of [
      ["data.source", source, dataPlace(source)],
      ["training.probeData", probeData, dataPlace(probeData)],
      ["training.evaluateFeatures", evaluateFeatures, featuresPlace(evaluateFeatures)],
    ] as const)
      if (place !== undefined && !isOnVolume(posix.normalize(place)))
        throw new UserError(
          `The sweep has ${path} ${given}, a path of this machine; the pods see the volume at ${POD_VOLUME} and nothing else.`,
          `Copy it onto the volume, and give its path there in the sweep file: ${given!.replace(place, `${POD_VOLUME}/${basename(place) || "data"}`)}`,
        );
  }
}

/** The path in a data source, if it has one. */
function dataPlace(source: string | null): string | undefined {
  const { location } = resolveSource(source);
  return location === "" ? undefined : location;
}

/** A feature network is a name or the path of a file. */
const featuresPlace = (features: string | null): string | undefined =>
  features !== null && (isAbsolute(features) || /[\\/]|\.onnx$/.test(features)) ? features : undefined;

const isOnVolume = (path: string): boolean => path.startsWith(`${POD_VOLUME}/`);

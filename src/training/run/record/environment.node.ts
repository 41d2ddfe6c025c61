/**
 * What a run was computed with: versions, machine, engine. Written down so that a number can be
 * traced to what made it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, hostname, release, totalmem } from "node:os";
import type { Engine } from "../../../engine/engine.ts";
import type { Environment, Machine, Versions } from "./environment.ts";

/** Version of a package this program depends on; undefined when it is not installed. */
function packageVersion(name: string): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return versionIn(path);
  } catch {
    return undefined;
  }
}

function versionIn(path: string | URL): string | undefined {
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version?: unknown };
  return typeof version === "string" ? version : undefined;
}

/**
 * Versions of this program and of what computes. `src/training` and `dist/training` lie equally
 * deep.
 */
export function currentVersions(): Versions {
  const found: Record<string, string | undefined> = {
    quarterturn: versionIn(new URL("../../../../package.json", import.meta.url)),
    node: process.versions.node,
    "onnxruntime-node": packageVersion("onnxruntime-node"),
    sharp: packageVersion("sharp"),
  };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The environment of this process with `engine`. */
export function describeEnvironment(
  engine: Pick<Engine, "description" | "device" | "threads">,
): Environment & Machine {
  return {
    versions: currentVersions(),
    platform: `${process.platform} ${process.arch} ${release()}`,
    host: hostname(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    engine: engine.description,
    device: engine.device,
    threads: engine.threads,
  };
}

/**
 * What an exported file says of where it comes from, so that it can still be read when the run is
 * gone.
 */
import { basename } from "node:path";
import { sha256 } from "../../base/disk/files.node.ts";
import type { Config } from "../config/schema.ts";
import { essentials } from "../run/record/config-diff.ts";
import { currentVersions } from "../run/record/environment.node.ts";

/** A run at one step. */
export interface ExportedRun {
  readonly config: Config;
  /** Generator steps it was trained for. */
  readonly step: number;
  /** Names of the classes, if a network is told the class and they are known. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * Key/value pairs that every exported file carries. All values are text, as ONNX and safetensors
 * want.
 * @param name what to call the model, for example the run's name
 */
export function runMetadata({ config, step, classNames }: ExportedRun, name: string): Record<string, string> {
  const { resolution, classes } = config.data;
  return {
    name,
    run: sha256(essentials(config)),
    step: String(step),
    resolution: String(resolution),
    imageLayout: "NCHW",
    imageChannels: "RGB",
    imageRange: "0-255",
    ...(classes > 0 && { classes: String(classes) }),
    ...(classes > 0 && classNames && { classNames: JSON.stringify(classNames) }),
    quarterturnVersion: currentVersions().quarterturn ?? "unknown",
    config: JSON.stringify(withoutPlaces(config)),
  };
}

/**
 * A model travels: it says what the images were called, not where they lie on the disk of whoever
 * trained it.
 */
export function withoutPlaces(config: Config): Omit<Config, "engine"> {
  const { engine: _, ...rest } = config;
  return { ...rest, data: { ...config.data, source: withoutPlace(config.data.source) } };
}

/**
 * `/home/somebody/cats` → `cats`, `cifar10:/data/cifar-10-batches-bin` →
 * `cifar10:cifar-10-batches-bin`; null is the built-in set.
 */
export function withoutPlace(source: string | null): string | null {
  if (source === null) return null;
  const [, kind = "", path = ""] = /^([a-z][a-z0-9_-]+:)?(.*)$/is.exec(source) ?? [];
  return `${kind}${basename(path)}`;
}

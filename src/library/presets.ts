/** The named configurations, as values. */
import { loadPreset, presetNames } from "../training/config/presets.node.ts";
import { resolveConfig } from "../training/config/resolve.ts";
import type { Config } from "../training/config/schema.ts";

/**
 * The presets: configurations that have a name.
 * @example What the paper's own preset says
 * ```ts
 * import { presets } from "quarterturn";
 *
 * const { objective, training } = presets.config("paper/cifar10/ssgan");
 * console.log(presets.names().length, objective.selfSupervision, training.steps);
 * ```
 */
export const presets = {
  /** All names, the default first. */
  names: presetNames,
  /**
   * A preset: its description, its source, and where every value comes from.
   * @throws UserError for an unknown name
   */
  load: loadPreset,
  /** The whole configuration of a preset. @throws UserError for an unknown name */
  config: (name?: string): Config => resolveConfig({ preset: loadPreset(name), sets: [], flags: [] }).config,
} as const;

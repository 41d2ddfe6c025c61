/**
 * What the page and the server say to one another about trainings that are started from the page.
 */

/** What is to be trained. */
export interface LaunchRequest {
  /** Folder of images below the one that was given to the studio; null for the built-in images. */
  readonly folder: string | null;
  /** Named configuration; the default one unless given. */
  readonly preset?: string | undefined;
  /** Side of the images in pixels; as the preset or the time says unless given. */
  readonly resolution?: number | undefined;
  /** Generator steps. Exactly one of steps and time is given. */
  readonly steps?: number | undefined;
  /** How long the run may take: `30m`. */
  readonly time?: string | undefined;
  /** Name of the run; one that is free unless given. */
  readonly name?: string | undefined;
}

/** A dry run, or a training, that was started from the page. */
export interface LaunchJob {
  readonly kind: "plan" | "training";
  readonly state: "running" | "done" | "refused" | "stopped" | "crashed";
  readonly request: LaunchRequest;
  /** Id of the run, which is the path of its folder below the runs that are shown. */
  readonly run: string;
  /** What it has printed, the latest lines. */
  readonly lines: readonly string[];
  /** Why it was refused, or how it crashed. */
  readonly message?: string;
  /** Of a dry run that went well: lets exactly what it looked at be started. */
  readonly ticket?: string;
}

/** What can be started from the page. */
export type LaunchState =
  | { readonly allowed: false }
  | {
      readonly allowed: true;
      /** Name of the folder that images are chosen below. */
      readonly root: string;
      /** The latest that was started. */
      readonly job: LaunchJob | null;
    };

/** A named configuration. */
export interface LaunchPreset {
  readonly name: string;
  readonly description: string;
}

/** A folder to choose from. */
export interface LaunchFolder {
  /** Below the root, with slashes; empty for the root. */
  readonly path: string;
  /** Names of the folders in it, sorted. */
  readonly folders: readonly string[];
  /** Files in it that are called like images. */
  readonly images: number;
}

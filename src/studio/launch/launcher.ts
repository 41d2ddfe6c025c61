/**
 * Trainings that are started from the page: a dry run first, then exactly what it looked at. Each
 * is a process of its own, and there is one at a time, as they share the machine. When the studio
 * ends, what it has started saves and ends too; only a studio that is killed leaves it alone.
 */
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { UserError } from "../../base/errors.ts";
import { lastError } from "../../base/processes/child-exit.ts";
import { loadPreset, presetNames } from "../../training/config/presets.node.ts";
import { listFolder } from "./place.ts";
import { type LaunchedProcess, type StartProcess, startProcess } from "./process.ts";
import type { LaunchFolder, LaunchJob, LaunchPreset, LaunchState } from "./protocol.ts";
import { type CheckedRequest, checkRequest, type LaunchPlaces } from "./request.ts";

/** What may be started, and how. */
export interface LaunchOptions extends Pick<LaunchPlaces, "images"> {
  /** The program, before its arguments. */
  readonly command: readonly string[];
  /** Told when a training has to save before the studio can end. */
  readonly onStopping?: ((run: string) => void) | undefined;
  readonly start?: StartProcess | undefined;
}

/** Starts trainings. Every method throws `UserError` for what is refused. */
export interface Launcher {
  state(): LaunchState;
  /** The named configurations. */
  presets(): readonly LaunchPreset[];
  /** A folder to choose from. */
  folder(path: unknown): Promise<LaunchFolder>;
  /** Begin a dry run. */
  plan(body: unknown): Promise<LaunchJob>;
  /** Begin the training that a dry run looked at. */
  train(ticket: unknown): Promise<LaunchJob>;
  /** Let what is under way save and end. */
  stop(): void;
  /** The same, and wait for it. */
  close(): Promise<void>;
}

interface Job {
  readonly kind: LaunchJob["kind"];
  readonly checked: CheckedRequest;
  readonly process: LaunchedProcess;
  readonly ticket: string;
  state: LaunchJob["state"];
}

/** Starts trainings for the studio, one at a time. @param runs folder of runs, absolute */
export function createLauncher(options: LaunchOptions, runs: string): Launcher {
  const { command, images, start = startProcess } = options;
  const places: LaunchPlaces = { images, runs };
  let job: Job | undefined;
  let presets: readonly LaunchPreset[] | undefined;
  let closed = false;

  const begin = (kind: Job["kind"], checked: CheckedRequest): LaunchJob => {
    refuseBusy();
    const more = kind === "plan" ? ["--dry-run"] : [];
    const process = start([...command, ...checked.arguments, ...more]);
    const begun: Job = {
      ...{ kind, checked, process, state: "running" },
      ticket: randomBytes(18).toString("base64url"),
    };
    job = begun;
    void process.ended.then((state) => {
      begun.state = state;
    });
    return shown(begun);
  };
  const refuseBusy = (): void => {
    if (closed) throw new UserError("The studio is ending.", "Start it again.");
    if (job?.state !== "running") return;
    throw new UserError(
      job.kind === "plan" ? "A dry run is under way." : `${job.checked.run} is being trained.`,
      job.kind === "plan"
        ? "Wait for it, or stop it."
        : "Wait for it, stop it, or start another in a terminal.",
    );
  };
  return {
    state: () => ({
      allowed: true,
      root: basename(images) || images,
      job: job ? shown(job) : null,
    }),
    presets() {
      presets ??= presetNames().map((name) => ({ name, description: loadPreset(name).description }));
      return presets;
    },
    folder: (path) => listFolder(images, path),
    async plan(body) {
      refuseBusy();
      return begin("plan", await checkRequest(body, places));
    },
    async train(ticket) {
      const planned = job;
      if (planned?.kind !== "plan" || planned.state !== "done" || planned.ticket !== ticket)
        throw new UserError("That is not what the latest dry run looked at.", "Make a dry run first.");
      // Things may have changed meanwhile.
      const { request, run } = planned.checked;
      return begin("training", await checkRequest({ ...request, name: run }, places));
    },
    stop: () => job?.state === "running" && job.process.stop(),
    async close() {
      closed = true;
      if (job?.state !== "running") return;
      if (job.kind === "training") options.onStopping?.(job.checked.run);
      job.process.stop();
      await job.process.ended;
    },
  };
}

function shown({ kind, state, checked, process, ticket }: Job): LaunchJob {
  const lines = process.lines();
  const failed = state === "refused" || state === "crashed";
  return {
    ...{ kind, state, request: checked.request, run: checked.run, lines },
    ...(failed && { message: reasonIn(lines) }),
    ...(kind === "plan" && state === "done" && { ticket }),
  };
}

/** The last error, on one line. */
const reasonIn = (lines: readonly string[]): string =>
  lastError(lines.join("\n")).replaceAll("\n", " ") || "It ended without a word.";

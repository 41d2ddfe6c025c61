/** One run in the worker: its files, its images, its engine, and those who steer it. */
import manifest from "../../../package.json" with { type: "json" };
import type { ImageStore } from "../../../src/data/store/store.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createWebEngine } from "../../../src/engine/web.ts";
import { buildSteps } from "../../../src/objectives/build.ts";
import { exportGenerator } from "../../../src/objectives/programs/export.ts";
import type { Steps } from "../../../src/objectives/steps.ts";
import type { Config } from "../../../src/training/config/schema.ts";
import type { Speed } from "../../../src/training/estimate.ts";
import type { TrainEvent } from "../../../src/training/events.ts";
import type { Command, Control, PendingCommand } from "../../../src/training/loop/control/control.ts";
import { type ArchivedRun, zipRun } from "../../../src/training/run/folder/archive.ts";
import { trainInMemory } from "../../../src/training/run/memory-run.ts";
import { evaluationDistribution } from "../../../src/training/settings.ts";
import { measureSpeed } from "../../../src/training/speed.ts";
import type { TabDevice } from "./choices.ts";
import { createGridClock } from "./clock.ts";

/** What this is computed with. */
const VERSIONS = { quarterturn: manifest.version } as const;

const engines = new Map<TabDevice, Promise<Engine>>();

/** The engine of this worker for a device: ONNX Runtime has one set of threads for good. */
function openEngine(device: TabDevice): Promise<Engine> {
  const opened = engines.get(device) ?? createWebEngine({ device, threads: 0 });
  engines.set(device, opened);
  opened.catch(() => engines.delete(device));
  return opened;
}

/** The device a configuration asks for, of those a tab has. */
const deviceOf = ({ engine }: Config): TabDevice => (engine.device === "webgpu" ? "webgpu" : "cpu");

/** How fast this would be. */
export interface Trial extends Speed {
  /** Steps from one grid of samples to the next. */
  readonly sampleEvery: number;
  readonly engine: string;
}

/** Do a few steps of a run that is thrown away. */
export async function tryOut(config: Config, store: ImageStore): Promise<Trial> {
  const engine = await openEngine(deviceOf(config));
  const speed = await measureSpeed(config, buildSteps(config, engine.target), engine, store);
  return { ...speed, sampleEvery: config.training.sampleEvery, engine: engine.description };
}

/** A run under way. */
export interface Session {
  /** Resolves when training has ended, for whatever reason that is no error. */
  readonly ended: Promise<void>;
  command(command: Command): Promise<void>;
  stop(): void;
  /** The run as one file. While it trains, a checkpoint of this moment is saved first. */
  archive(): Promise<Uint8Array>;
  /** The generator as it is now, as an ONNX file. */
  generator(): Promise<Uint8Array>;
}

/** Train a run, or go on. */
export async function startSession(
  run: ArchivedRun,
  config: Config,
  store: ImageStore,
  onEvent: (event: TrainEvent | { readonly kind: "paused"; readonly paused: boolean }) => Promise<void>,
): Promise<Session> {
  const engine = await openEngine(deviceOf(config));
  const steps = buildSteps(config, engine.target);
  const stopping = new AbortController();
  const mailbox = createMailbox((paused) => onEvent({ kind: "paused", paused }));
  const clock = createGridClock();
  let running = true;
  let step = 0;
  const ended = trainInMemory({
    ...{ run, config, steps, engine, store, versions: VERSIONS, platform: navigator.userAgent },
    control: mailbox.control,
    signal: stopping.signal,
    async onEvent(event) {
      step = event.step;
      await onEvent(event);
      if (event.kind === "sample") clock.shown();
      // The last step has a grid anyway.
      if (event.kind === "step" && step < config.training.steps && clock.due(step))
        mailbox.send({ kind: "show" });
    },
  }).then(() => undefined);
  const settled = ended
    .catch(() => undefined)
    .then(() => {
      running = false;
      mailbox.close();
    });
  return {
    ended,
    command: (command) => mailbox.send(command),
    stop: () => stopping.abort(),
    async archive() {
      if (running) await Promise.race([mailbox.send({ kind: "save" }), settled]);
      return zipRun(run.name, run.files);
    },
    generator: () => generatorOf(engine, steps, config, run.name, step),
  };
}

async function generatorOf(
  engine: Engine,
  { sampler }: Steps,
  config: Config,
  name: string,
  step: number,
): Promise<Uint8Array> {
  const parameters = config.training.ema > 0 ? "generator/ema" : "generator/parameters";
  const buffers = sampler.reads.some((entry) => entry.name === "generator/buffers");
  const state = await engine.readState([parameters, ...(buffers ? ["generator/buffers"] : [])]);
  const weights = { parameters: state[parameters]!, buffers: state["generator/buffers"] };
  return exportGenerator(config, weights, engine, {
    name,
    latentSize: String(config.generator.latentSize),
    latentDistribution: evaluationDistribution(config),
    resolution: String(config.data.resolution),
    imageLayout: "NCHW",
    imageChannels: "RGB",
    imageRange: "0-255",
    ...(config.data.classes > 0 && { classes: String(config.data.classes) }),
    step: String(step),
    quarterturnVersion: VERSIONS.quarterturn,
  });
}

/** Commands of the page for the loop. */
function createMailbox(onPaused: (paused: boolean) => void) {
  let waiting: PendingCommand[] = [];
  let wake: () => void = () => undefined;
  const unanswered = new Map<string, () => void>();
  let next = 0;
  let paused = false;
  const control: Pick<Control, "take" | "wait" | "publish"> = {
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    wait: (signal) =>
      new Promise((resolve) => {
        if (waiting.length > 0 || signal?.aborted) return resolve();
        wake = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
    async publish(state) {
      for (const { id } of state.answers) {
        unanswered.get(id)?.();
        unanswered.delete(id);
      }
      if (state.paused !== paused) onPaused(state.paused);
      paused = state.paused;
    },
  };
  return {
    control,
    send(command: Command): Promise<void> {
      return new Promise((resolve) => {
        const id = String(next++);
        unanswered.set(id, resolve);
        waiting.push({ id, command });
        wake();
      });
    },
    close() {
      for (const resolve of unanswered.values()) resolve();
      unanswered.clear();
    },
  };
}

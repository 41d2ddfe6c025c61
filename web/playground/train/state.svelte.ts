/** What the training view shows and does: images, settings, a trial, the run and its file. */
import { formatBytes, formatCount } from "../../../src/base/text/format/index.ts";
import type { StepEvent, TrainEvent } from "../../../src/training/events.ts";
import { download, pngAddress } from "../../common/download.ts";
import { problemOf } from "../problem.ts";
import { type Choices, DEFAULT_CHOICES, type TabDevice } from "./choices.ts";
import { trainWorker } from "./connection.ts";
import type { Sample } from "./contents.ts";
import { stepsOf } from "./curves.ts";
import type { Dropped } from "./files.ts";
import { secondsLeft } from "./pace.ts";
import { isUnderWay, type Phase } from "./phase.ts";
import type { TrainPlace } from "./place.ts";
import type { Trial } from "./session.ts";
import { withSample } from "./shown-samples.ts";
import { type Beginning, startView } from "./view.ts";
import { refusalOf } from "./words.ts";
import type { Images, OpenedRun, WorkerEvent } from "./worker.ts";

/** The page is redrawn no more often than this, in milliseconds: steps may come faster. */
const REDRAW = 250;
const base = (): string => document.baseURI;

/** Where images were had from, so that they can be had again. */
type Origin = { readonly kind: "built-in" } | { readonly kind: "dropped"; readonly dropped: Dropped };

/**
 * The state of the view, made once.
 * @param openGenerator shows a generator in the other view
 */
export function createTrain(
  openGenerator: (bytes: Uint8Array, name: string) => Promise<void>,
  { keep = true, place }: Beginning = {},
) {
  const connection = trainWorker(onWorker);

  const view = $state(startView(place?.choices));

  // Not made reactive through and through, as `view` is: it grows long.
  let steps = $state.raw<readonly StepEvent[]>([]);
  let record: StepEvent[] = [];
  let redraw: ReturnType<typeof setTimeout> | undefined;

  /** Do something that takes a while, and show what becomes of it. */
  async function during<T>(what: string, task: () => Promise<T>): Promise<T | undefined> {
    view.busy = what;
    view.progress = undefined;
    view.problem = undefined;
    view.refusal = undefined;
    try {
      return await task();
    } catch (error) {
      view.problem = problemOf(error);
      return undefined;
    } finally {
      view.busy = "";
      view.progress = undefined;
    }
  }

  function onWorker(event: WorkerEvent): void {
    switch (event.kind) {
      case "progress":
        view.busy = `${event.what}: ${formatCount(event.done)} of ${formatCount(event.total)}`;
        view.progress = event.done / Math.max(1, event.total);
        return;
      case "train":
        onTrain(event.event);
        return;
      case "sample":
        addSample(event.sample);
        return;
      case "paused":
        view.phase = event.paused ? "paused" : "training";
        show();
        return;
      case "kept":
        view.keptStep = event.step;
        return;
      case "task":
        view.task = event.task;
        return;
      case "failed":
        view.problem = { message: event.message, hint: event.hint };
        view.phase = "stopped";
    }
  }

  function onTrain(event: TrainEvent): void {
    if (event.kind === "start") view.engine = event.engine;
    if (event.kind === "warning") view.notes = [...view.notes, `${event.message} ${event.advice}`.trim()];
    if (event.kind === "stop") {
      view.phase = "stopped";
      show();
    }
    if (event.kind !== "step") return;
    record.push(event);
    redraw ??= setTimeout(show, REDRAW);
  }

  function show(): void {
    clearTimeout(redraw);
    redraw = undefined;
    const last = record.at(-1);
    view.step = last?.step ?? 0;
    steps = record.slice();
    view.secondsLeft = secondsLeft(record, view.choices.steps - view.step);
  }

  function addSample(sample: Sample): void {
    const follows = view.shown === view.samples.length - 1;
    view.samples = withSample(view.samples, sample);
    if (sample.reals) view.reals ??= pngAddress(sample.reals);
    if (follows || view.shown >= view.samples.length) view.shown = view.samples.length - 1;
  }

  function clear(): void {
    for (const { src } of view.samples) URL.revokeObjectURL(src);
    if (view.reals) URL.revokeObjectURL(view.reals);
    record = [];
    steps = [];
    Object.assign(view, { samples: [], shown: -1, reals: undefined, step: 0, trial: undefined });
    Object.assign(view, { notes: [], begun: false, runName: "", engine: "" });
    Object.assign(view, { secondsLeft: undefined, keptStep: 0 });
  }

  function take(opened: Images | OpenedRun | undefined): void {
    if (!opened) return;
    clear();
    if ("preview" in opened) {
      Object.assign(view, { images: opened, phase: "ready" satisfies Phase });
      return;
    }
    record = stepsOf(opened.record);
    const { name, images, choices, task } = opened;
    Object.assign(view, { images, begun: true, runName: name, choices, task });
    for (const sample of opened.samples) addSample(sample);
    show();
    view.phase = "stopped";
  }

  /**
   * Whether there is no place for other images now: a run is under way, or what the page says it
   * does.
   */
  const occupied = (): boolean => isUnderWay(view.phase) || view.busy !== "";

  let origin: Origin | undefined = $state.raw();

  /** Files or a folder: pictures, or a run. */
  async function open(dropped: Dropped): Promise<void> {
    const { name, sources } = dropped;
    if (sources.length === 0) return;
    if (occupied()) {
      view.refusal = refusalOf(name, isUnderWay(view.phase) ? "" : view.busy);
      return;
    }
    const [only] = sources;
    origin = { kind: "dropped", dropped };
    take(
      await during("reading", async () =>
        sources.length === 1 && /\.zip$/i.test(only!.path)
          ? connection.call("openZip", new Uint8Array(await only!.content.arrayBuffer()), only!.path, base())
          : connection.call("openFolder", sources, name, base()),
      ),
    );
  }

  async function useBuiltIn(): Promise<void> {
    origin = { kind: "built-in" };
    take(await during("fetching the built-in images", () => connection.call("useBuiltIn", base())));
  }
  /** The images of another one. */
  const openAgain = (from: Origin | undefined): Promise<void> =>
    from?.kind === "dropped" ? open(from.dropped) : useBuiltIn();
  const restore = async (): Promise<void> =>
    take(await during("opening the kept run", () => connection.call("restore", base())));

  async function forget(): Promise<void> {
    await during("forgetting", () => connection.call("forget"));
    view.kept = 0;
  }

  /** Do a few steps on every device there is, and take the fastest. */
  async function tryOut(): Promise<void> {
    const trials = await during("trying a few steps", async () => {
      const done: (readonly [TabDevice, Trial])[] = [];
      for (const device of view.devices)
        done.push([device, await connection.call("trial", { ...plainChoices(), device })]);
      return done;
    });
    const fastest = trials?.reduce((best, one) => (one[1].stepSeconds < best[1].stepSeconds ? one : best));
    if (!trials || !fastest) return;
    const [device, trial] = fastest;
    view.choices = { ...view.choices, device };
    view.tried = Object.fromEntries(trials.map(([name, { stepSeconds }]) => [name, stepSeconds]));
    Object.assign(view, { trial, engine: trial.engine });
  }

  const plainChoices = (): Choices => $state.snapshot(view.choices);

  async function start(): Promise<void> {
    // Compiling takes a few seconds, in which there is nothing to stop.
    const started = await during("compiling", async () => {
      await connection.call("start", plainChoices(), keep);
      return true;
    });
    if (!started) return;
    view.phase = "training";
    view.begun = true;
  }

  const command = (kind: "pause" | "resume" | "step"): Promise<void> =>
    connection.call("command", { kind }).catch((error: unknown) => {
      view.problem = problemOf(error);
    });

  async function stop(): Promise<void> {
    view.phase = "stopping";
    await connection.call("stop");
    view.phase = "stopped";
  }

  /** Leave this run and begin with other images. */
  function leave(): void {
    clear();
    Object.assign(view, {
      images: undefined,
      phase: "empty" satisfies Phase,
      choices: { ...DEFAULT_CHOICES },
    });
    if (keep) refreshKept();
  }

  /** End its worker: nothing of it is wanted any more. */
  function end(): void {
    clear();
    connection.end();
  }

  async function save(): Promise<void> {
    const made = await during("putting the run into a file", () => connection.call("archive"));
    if (made) download(made.name, made.bytes, "application/zip");
  }

  async function tryGenerator(): Promise<void> {
    const made = await during("exporting the generator", () => connection.call("generator"));
    if (made) await openGenerator(made.bytes, made.name);
  }

  async function refreshKept(): Promise<void> {
    view.kept = await connection.call("kept").catch(() => 0);
  }
  let visited = false;
  /** Somebody looks at the view, perhaps not for the first time. */
  function visit(): void {
    if (visited) return;
    visited = true;
    connection.call("devices").then(
      (devices) => {
        view.devices = devices;
      },
      (error: unknown) => {
        view.problem = problemOf(error);
      },
    );
    // A run that was kept is offered first: a reload must not take it away.
    void refreshKept().then(async () => {
      const free = view.kept === 0 && view.phase === "empty" && view.busy === "";
      if (place?.builtIn && free) await useBuiltIn();
    });
  }

  const keptSize = (): string => formatBytes(view.kept);
  const choose = (changes: Partial<Choices>): void => {
    view.choices = { ...view.choices, ...changes };
    if (!("steps" in changes) && !("seed" in changes)) view.trial = undefined;
  };
  return {
    /** The steps of the run so far. */
    get steps() {
      return steps;
    },
    /** Where the images were had from. */
    get origin() {
      return origin;
    },
    /** What the page's address says of the view. */
    get place(): TrainPlace {
      return { choices: view.choices, builtIn: view.images !== undefined && origin?.kind === "built-in" };
    },
    visit,
    occupied,
    ...{ openAgain, end },
    ...{ view, open, useBuiltIn, restore, forget, keptSize, tryOut, choose },
    ...{ start, command, stop, leave, save, tryGenerator },
  };
}

export type Train = ReturnType<typeof createTrain>;

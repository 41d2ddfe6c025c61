import { option } from "../../base/option-names.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { Evaluator } from "../evaluation/evaluator.ts";
import type { Prober } from "../evaluation/prober.ts";
import type { RecordLine, Scalars, StepEvent, TrainEvent } from "../events.ts";
import { createSampling, type WatchedImages } from "../sampling/sampling.ts";
import { type Alias, gatherStanding, STANDING } from "../sampling/standing-statistics.ts";
import type { Batches, LoopConfig } from "../settings.ts";
import type { Control } from "./control/control.ts";
import { createRunController } from "./control/run-controller.ts";
import { openStreams, saveStreams } from "./draws.ts";
import { Collapsed, Diverged, type TrainResult } from "./ending.ts";
import { firstBadScalar, firstBadState } from "./health/finite.ts";
import { observeSample, observeStep, overfittingOf, UNOBSERVED } from "./health/health.ts";
import { COLLAPSES } from "./health/rescue.ts";
import type { Recorder, Snapshot } from "./recorder.ts";
import { runUpdates, type StepExecutables } from "./update.ts";
import { weightWatch } from "./weight-watch.ts";

/** What `train` needs. */
export interface TrainOptions {
  readonly config: LoopConfig;
  readonly steps: Steps;
  readonly engine: Engine;
  readonly batches: Batches;
  /** Real images to compare the samples' diversity with: uint8 [N, S, S, 3], N ≥ 2. */
  readonly reals: Uint8Array;
  /** Their classes, [N], where the data has classes. */
  readonly realLabels?: Uint16Array | undefined;
  /** Images by which overfitting is seen; without them it is not looked for. */
  readonly watched?: WatchedImages | undefined;
  /**
   * Whether a collapse of the generator ends the training, with `Collapsed`, so that the run can be
   * rescued.
   */
  readonly endsAtCollapse?: boolean | undefined;
  readonly recorder: Recorder;
  /** Measures the generator now and then; a checkpoint is saved whenever it was the best so far. */
  readonly evaluator?: Evaluator | undefined;
  /** Probes the discriminator now and then. */
  readonly prober?: Prober | undefined;
  /**
   * Continue from here, a snapshot the recorder has saved; `batches` must already stand there.
   * Undefined begins at step 0.
   */
  readonly resume?: Snapshot | undefined;
  /** State entries to begin with at step 0 in the place of fresh ones. */
  readonly initial?: Readonly<Record<string, Float32Array>> | undefined;
  /** Aborting finishes the step under way, saves a snapshot and ends with `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  /** Lets somebody steer the training, and holds what was changed before. */
  readonly control?: Control | undefined;
  /** Called with every event in order; awaited. */
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
  /** Milliseconds since 1970; replaceable for tests. */
  readonly now?: (() => number) | undefined;
}

/**
 * Names of all state entries an objective's updates carry from step to step; gathered gradients do
 * not outlive an update.
 */
export function stateNames(steps: Steps): string[] {
  const programs = [steps.discriminatorStep, steps.generatorStep];
  const names = programs.flatMap((p) => [...p.reads, ...p.writes]).map((binding) => binding.name);
  return [...new Set(names.filter((name) => !name.endsWith("/gradient")))].sort();
}

/** What has been gathered of gradients between two updates: nothing. */
function emptyGradients({ accumulating }: Steps): Record<string, Float32Array> {
  const programs = Object.values(accumulating ?? {});
  const bindings = programs.flatMap((p) => p.writes.filter(({ name }) => name.endsWith("/gradient")));
  return Object.fromEntries(bindings.map(({ name, shape }) => [name, new Float32Array(shape[0]!)]));
}

/**
 * Train until the configured number of generator steps is done or `signal` is aborted.
 * @throws Collapsed where that was asked for; Diverged when a value is NaN or infinite: which one,
 * at which step, and where the last good snapshot is
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, steps, engine, batches, recorder, evaluator, prober, resume, signal } = options;
  const { training } = config;
  const now = options.now ?? Date.now;
  const emit = async (event: TrainEvent): Promise<void> => options.onEvent?.(event);

  const predicting = recorder.saveDocument ? steps.predictions?.() : undefined;
  const scoring = options.watched && steps.scores?.();
  const gathering = config.generator.statistics === "standing" ? steps.standing?.() : undefined;
  const compiled = await engine.compileTogether([
    steps.discriminatorStep,
    steps.generatorStep,
    steps.sampler,
    ...[predicting, scoring, gathering].filter((program) => program !== undefined),
    ...Object.values(steps.accumulating ?? {}),
    ...Object.values(steps.lazy?.programs ?? {}).flatMap(({ discriminatorStep, accumulating }) => [
      discriminatorStep,
      ...(accumulating ? [accumulating] : []),
    ]),
  ]);
  const executableOf = (program: Steps["sampler"]): Executable =>
    compiled.find((executable) => executable.program === program)!;
  const both = (of: Pick<Steps, keyof StepExecutables>): StepExecutables => ({
    discriminatorStep: executableOf(of.discriminatorStep),
    generatorStep: executableOf(of.generatorStep),
  });
  try {
    const executables = both(steps);
    const accumulating = steps.accumulating && both(steps.accumulating);
    const lazy = steps.lazy && {
      schedule: steps.lazy.schedule,
      programs: Object.fromEntries(
        Object.entries(steps.lazy.programs).map(([name, { discriminatorStep, accumulating: part }]) => [
          name,
          { discriminatorStep: executableOf(discriminatorStep), accumulating: part && executableOf(part) },
        ]),
      ),
    };
    const sampler = executableOf(steps.sampler);
    const predictor = predicting && executableOf(predicting);
    const scorer = scoring && executableOf(scoring);
    if (resume) await engine.writeState({ ...emptyGradients(steps), ...resume.state });
    else
      await engine.writeState({ ...steps.initialState(training.seed), ...options.initial }, { give: true });

    const streams = openStreams(steps.draws, training.seed, resume?.progress.streams);
    let { step, updates, health } = resume?.progress ?? {
      step: 0,
      updates: { generator: 0, discriminator: 0 },
      health: UNOBSERVED,
    };
    let lastSaved = resume?.progress.step;

    const sources = { ...executables, accumulating, lazy, draws: steps.draws, batches, streams };
    const advance = async (): Promise<StepEvent> => {
      const started = now();
      const inForce = { ...sources, config: controller.config() };
      const { updates: counted, ...numbers } = await runUpdates(inForce, step, updates);
      const stepSeconds = (now() - started) / 1000;
      const imagesPerSecond = (training.batchSize * training.discIters) / Math.max(stepSeconds, 1e-9);
      updates = counted;
      step++;
      return { kind: "step", step, ...numbers, time: now(), stepSeconds, imagesPerSecond };
    };

    const task = taskOf(config.objective)?.description;
    let collapsed = false;
    const record = async (line: RecordLine): Promise<void> => {
      await recorder.record(line);
      await emit(line);
      if (line.kind !== "step" && line.kind !== "sample") return;
      // A grid more than there would be is no sign of health or sickness: warnings come where they would have come without it.
      if (line.kind === "sample" && line.asked) return;
      const observed = line.kind === "step" ? observeStep(health, line, task) : observeSample(health, line);
      health = observed.state;
      for (const warning of observed.warnings) {
        await record(warning);
        collapsed ||= options.endsAtCollapse === true && COLLAPSES.has(warning.name);
      }
    };

    const { reals, realLabels, watched } = options;
    const standing = gathering && executableOf(gathering);
    const statistics = async (weights: Alias): Promise<Alias> => {
      if (!standing) return {};
      await gatherStanding(engine, standing, config, weights);
      return STANDING;
    };
    const sampleAt = createSampling({
      ...{ config, sampler, predictor, statistics, reals, realLabels, scorer, watched, recorder },
      ...weightWatch(engine, steps.layout, training.sampleEvery),
    });
    let lastShown: number | undefined;
    const sample = async (): Promise<void> => {
      lastShown = step;
      await record(await sampleAt(step));
    };

    /**
     * @returns whether the generator was never better; false when it was not measured, as the
     * signal came first
     */
    const measure = async (): Promise<boolean> => {
      const measured = await evaluator?.evaluate(step, signal, overfittingOf(health) === undefined);
      if (!measured) return false;
      await record(measured.event);
      for (const warning of measured.warnings) await record(warning);
      return measured.isBest;
    };

    const probe = async (): Promise<void> => {
      const event = await prober?.probe(step, signal);
      if (event) await record(event);
    };

    const diverged = async (what: string, value: number): Promise<never> => {
      await emit({ kind: "stop", step, reason: "diverged" });
      const good =
        lastSaved === undefined
          ? "There is no checkpoint yet: start again"
          : `The last good checkpoint is that of step ${lastSaved}: continue from it in a new run (${option("mode", "fork")}), or from an earlier one (${option("mode", "fork")} ${option("from", "STEP")}),`;
      throw new Diverged(
        step,
        `Training has diverged: ${what} became ${value} at step ${step}. Nothing of it was saved.`,
        `${good} with a lower optimizer.learningRate, or another training.seed.`,
      );
    };

    const save = async (): Promise<void> => {
      const state = await engine.readState(stateNames(steps));
      const bad = firstBadState(state, steps.layout);
      if (bad) await diverged(bad.name, bad.value);
      const progress = { step, updates, streams: saveStreams(streams), batches: batches.save(), health };
      const path = await recorder.saveSnapshot({ progress, state });
      lastSaved = step;
      await emit({ kind: "checkpoint", step, path });
    };

    const controller = createRunController({
      ...{ config, steps, signal, record, control: options.control, fromStep: step },
      async show() {
        if (lastShown === step) return;
        lastShown = step;
        await record({ ...(await sampleAt(step)), asked: true });
      },
      async save() {
        if (lastSaved === step || step === 0) return false;
        await save();
        return true;
      },
    });

    await emit({ kind: "start", step, steps: training.steps, engine: engine.description });
    if (step === 0 && !signal?.aborted) await sample();
    // Stopped while it was measured: the line is missing in the record.
    if (evaluator?.pending && !signal?.aborted && (await measure())) await save();
    if (prober?.pending && !signal?.aborted) await probe();
    while (step < training.steps && !signal?.aborted) {
      await controller.handleCommands(step);
      if (signal?.aborted) break;
      const event = await advance();
      const bad =
        firstBadScalar(prefixed("discriminator", event.discriminator)) ??
        firstBadScalar(prefixed("generator", event.generator));
      if (bad) await diverged(bad.name, bad.value);
      await record(event);
      const last = step === training.steps;
      if (last || step % training.sampleEvery === 0) await sample();
      if (collapsed) throw new Collapsed(step);
      const isDue = await evaluator?.due(event, last, signal);
      const isBest = isDue ? await measure() : false;
      if (prober && !signal?.aborted && (last || step % prober.every === 0)) await probe();
      if (last || isBest || step % training.checkpointEvery === 0) await save();
    }
    // At step 0 there is nothing that the seed would not bring back.
    if (lastSaved !== step && step > 0) await save();
    const reason = step >= training.steps ? "finished" : "interrupted";
    await emit({ kind: "stop", step, reason });
    return { reason, step };
  } finally {
    await Promise.allSettled(compiled.map((executable) => executable.release()));
  }
}

/** Results with the network's name in front. */
function prefixed(network: string, values: Scalars): Scalars {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${network}/${name}`, value]));
}

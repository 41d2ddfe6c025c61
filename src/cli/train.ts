/** The work of `train`: everything opened in the order in which it can fail cheaply, then the loop, then closed again. */
import { join } from "node:path";
import { residentMemory } from "../engine/cpu.node.ts";
import { createEngine } from "../engine/node.node.ts";
import { buildSteps } from "../objectives/build.ts";
import { withDataClasses } from "../training/config/classes.ts";
import type { StopReason, TrainEvent } from "../training/events.ts";
import { runTraining } from "../training/run.node.ts";
import { openRun } from "../training/run-folder.node.ts";
import type { Invocation } from "./command.ts";
import { finishRun } from "./finish.ts";
import { Interrupted, watchInterrupts } from "./interrupt.ts";
import { openImages } from "./prepare.ts";
import { openResources } from "./resources.ts";
import { shortPath, withRunImages } from "./run-folder.ts";
import { writeSkipped } from "./skipped.ts";
import { readTrainRequest } from "./train-config.ts";
import { openTrainEvaluation } from "./train-evaluation.ts";
import { openTrainProbing } from "./train-probe.ts";
import { createTrainReport, describeEnd } from "./train-report.ts";

/**
 * Train as the command line says.
 * @throws UserError for everything a user can put right
 */
export async function trainFrom(invocation: Invocation): Promise<Exclude<StopReason, "diverged">> {
  const { output } = invocation;
  const started = Date.now();
  const { config: requested, dir, mode, from } = await readTrainRequest(invocation);
  const interrupts = watchInterrupts(output);
  const { signal } = interrupts;
  const { keep, close } = openResources();
  try {
    // The device and the images first: a mistake in either must not leave an empty run folder behind.
    const engine = keep(await createEngine(requested.engine));
    const store = keep(await openImages(withRunImages(requested, dir), output, signal));
    const config = withDataClasses(requested, store);
    const placed = withRunImages(config, dir);
    const measuring = keep(await openTrainEvaluation(placed, engine, output));
    const probing = keep(await openTrainProbing(placed, engine, output));
    const steps = buildSteps(config, engine.target);
    const run = keep(await openRun({ config, dir, mode, step: from }));
    const folder = shortPath(run.dir);
    const report = createTrainReport(output, folder, () => residentMemory().now);
    const serves = invocation.options.flag("studio") !== false;
    const onEvent = async (event: TrainEvent): Promise<void> => {
      // Loaded only when the run may go on, so that a refusal is not kept waiting.
      if (event.kind === "start" && serves) {
        const studio = await (await import("./studio.ts")).serveBeside(run.dir, output);
        if (studio) keep(studio);
      }
      await report.onEvent(event);
      // Not before: until training begins, the folder may still be refused, and must not be touched then.
      const list = event.kind === "start" ? await writeSkipped(run.dir, store) : undefined;
      if (list !== undefined) output.line(`skipped ${shortPath(list)} names the files not used, and why`);
    };
    const result = await runTraining({
      ...{ run, config, steps, engine, store, signal, onEvent },
      evaluation: measuring.evaluation,
      probing: probing.probing,
    });

    const made =
      result.reason === "finished"
        ? await finishRun({ config, dir: run.dir, step: result.step, engine, steps })
        : [];
    for (const { path, note } of made) output.line(`made    ${shortPath(path)} (${note})`);

    const seconds = (Date.now() - started) / 1000;
    const { last, sample, checkpoint, warnings } = report.summary();
    output.result(describeEnd(result.reason, result.step, config.training.steps, seconds, folder), {
      run: run.dir,
      reason: result.reason,
      step: result.step,
      steps: config.training.steps,
      seconds,
      last: last ?? null,
      sample: sample ? join(run.dir, sample.averagedFile ?? sample.file) : null,
      checkpoint: checkpoint?.path ?? null,
      made: made.map(({ path }) => path),
      warnings,
    });
    return result.reason;
  } catch (error) {
    // Interrupted before there was anything to save.
    if (!(error instanceof Interrupted)) throw error;
    output.result("Stopped before training began; nothing was changed.", { reason: "interrupted", step: 0 });
    return "interrupted";
  } finally {
    await close();
    interrupts.dispose();
    // Everything is closed, the terminal too: end by the signal, as Node aborts when it cannot restore a terminal that is gone.
    if (interrupts.hungUp()) process.kill(process.pid, "SIGHUP");
  }
}

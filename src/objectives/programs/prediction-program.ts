/**
 * What the discriminator says of single images in the views of its pretext task: the score of its real/fake head
 * and the answers of the task's head. Without a task, images are shown in the four quarter turns. For looking
 * at, not for learning: inference mode, the vectors of spectral normalization stay as they are, no state is
 * written.
 */
import { compile, concat, input, substitute, type Target, type Tensor } from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { networkState } from "../flat.ts";
import { decodeImages } from "../images.ts";
import { quarterTurn } from "../pretext/quarter-turn.ts";
import { taskOf, viewsOf } from "../pretext/registry.ts";
import type { StepSettings } from "../settings.ts";
import { imageRangeOf } from "../steps/step-inputs.ts";
import { answersOf, inspectImages, scoresClasses } from "./inspector.ts";

/** Images in one run of the program; the discriminator sees each in all views. */
export const PREDICTION_BATCH = 16;

/**
 * images uint8 [M, S, S, 3] (and, for a discriminator that is told the class, labels int64 [M]) → `score`
 * [V · M, 1], logits of the real/fake head, and, with a task that answers, under the task's key its logits
 * [V · M, K]. Rows: all images in the first of V views, as they are, then all in the second, and so on.
 */
export function predictionProgram(settings: StepSettings, target: Target, count = PREDICTION_BATCH): Program {
  const { resolution } = settings.data;
  const trace = traceNetwork("discriminator", false);
  const images = input("images", [count, resolution, resolution, 3], "uint8");
  const upright = decodeImages(images, imageRangeOf(settings));
  const task = taskOf(settings.objective);
  const views = viewsOf(task?.description);
  const shown = views.map(({ label }) => (task?.transform ?? quarterTurn)(upright, label));
  const labels = scoresClasses(settings) ? input("labels", [count], "int64") : undefined;
  const repeated = labels && concat(new Array<Tensor>(views.length).fill(labels), 0);
  const output = inspectImages(trace, concat(shown, 0), repeated, settings);
  const answers = answersOf(output, task);

  const { reads, replacements } = networkState(trace);
  const asked = { score: output.logits, ...(task && answers && { [task.description.key]: answers }) };
  const results = substitute(asked, replacements);
  return compile({ name: "judgement", feeds: { images, ...(labels && { labels }) }, reads, results }, target);
}

/**
 * Combinations of objective and training values that cannot mean anything, each refused with the
 * remedy before anything is compiled.
 */

import { UserError } from "../../base/errors.ts";
import { option, setting, settings } from "../../base/option-names.ts";
import { DISCRIMINATORS } from "../../models/registry.ts";
import { augmentationsOf } from "../../objectives/augment/augment.ts";
import type { AuxiliaryLoss } from "../../objectives/auxiliary/auxiliary.ts";
import { auxiliaryTerms } from "../../objectives/auxiliary/list.ts";
import { penaltiesOf } from "../../objectives/penalties/list.ts";
import type { PretextTask } from "../../objectives/pretext/pretext-task.ts";
import { taskOf, USUAL_TASK } from "../../objectives/pretext/registry.ts";
import { microBatch } from "../../objectives/settings.ts";
import { refuseClassContradictions } from "./class-contradictions.ts";
import type { Config } from "./schema.ts";

/**
 * Check that the values of the objective fit together.
 * @throws UserError for the first contradiction found
 */
export function refuseObjectiveContradictions(config: Config): void {
  checkBatch(config);
  checkPretext(config);
  checkPenalty(config);
  checkAuxiliary(config);
  refuseClassContradictions(config);
  checkEvaluation(config);
  checkInitialization(config);
  checkFrozen(config);
  augmentationsOf(config.training.augment);
  checkAdaptive(config);
}

function checkInitialization(config: Config): void {
  for (const network of ["generator", "discriminator"] as const) {
    const { initialization, spectralNorm, architecture } = config[network];
    if (initialization !== "fixup") continue;
    const path = `${network}.initialization`;
    if (spectralNorm)
      throw new UserError(
        `${path} is fixup, under which some kernels begin at 0, and ${network}.spectralNorm divides each by its largest singular value, which is then 0.`,
        `Add ${setting(`${network}.spectralNorm`, false)}, or use ${setting(path, "he")}.`,
      );
    if (!DISCRIMINATORS[architecture].residual)
      throw new UserError(
        `${path} is fixup, which is about residual blocks, and ${network}.architecture ${architecture} has none.`,
        `Use ${setting(path, "he")}, or a residual network.`,
      );
  }
}

function checkFrozen({ discriminator: { frozenBlocks }, training }: Config): void {
  if (frozenBlocks === 0 || training.init !== null) return;
  throw new UserError(
    `discriminator.frozenBlocks is ${frozenBlocks}, and there is no run whose weights they would keep: blocks would stay as they were drawn.`,
    `Name a run with the same networks: ${option("init", "runs/NAME")}`,
  );
}

function checkBatch({ training }: Config): void {
  const { batchSize, accumulate } = training;
  if (batchSize % accumulate !== 0)
    throw new UserError(
      `training.batchSize ${batchSize} cannot be cut into ${accumulate} equal micro-batches (training.accumulate).`,
      `Use a divisor of ${batchSize}, or another batch size: ${setting("training.batchSize", Math.ceil(batchSize / accumulate) * accumulate)}`,
    );
}

function checkPretext(config: Config): void {
  const { objective, data } = config;
  const task = taskOf(objective);
  if (!task) return;
  const trouble = task.refuses?.(data.resolution);
  if (trouble !== undefined)
    throw new UserError(
      `objective.selfSupervision is ${objective.selfSupervision}: ${trouble}`,
      `Use another data.resolution, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
    );
  if (task.adversarial.kind === "replaced") checkReplaced(config, task);
  else checkRotatedBatch(config, task);
}

/** Whether each batch has as many images as a task beside the adversarial head is shown. */
function checkRotatedBatch({ objective, training }: Config, task: PretextTask): void {
  const { rotatedBatch, turns } = objective;
  const { batchSize, accumulate } = training;
  const step = task.multipleOf[turns] * accumulate;
  if (rotatedBatch % step !== 0)
    throw new UserError(
      `objective.rotatedBatch is ${rotatedBatch}: each of the ${accumulate} micro-batches (training.accumulate) needs as many images in each of ${task.transformations} transformations.`,
      `Use a multiple of ${step}: ${setting("objective.rotatedBatch", Math.max(step, Math.round(rotatedBatch / step) * step))}` +
        (turns === "all" && task.multipleOf.one < task.multipleOf.all
          ? `, or show each image in one of them: ${setting("objective.turns", "one")}`
          : ""),
    );
  const max = turns === "one" ? batchSize : task.transformations * batchSize;
  if (rotatedBatch <= max) return;
  const taken = turns === "one" ? rotatedBatch : rotatedBatch / task.transformations;
  throw new UserError(
    `objective.rotatedBatch is ${rotatedBatch}: it takes ${taken} images of each batch, ` +
      `but training.batchSize is only ${batchSize}.`,
    `Use at most ${turns === "one" ? "the batch size" : `${task.transformations} times the batch size`}: ${setting("objective.rotatedBatch", max - (max % step))}`,
  );
}

/** What cannot be beside a task that replaces the adversarial head. */
function checkReplaced({ objective, discriminator, training }: Config, task: PretextTask): void {
  if (task.adversarial.kind !== "replaced") return;
  const { selfSupervision, loss, turns } = objective;
  const replaces = `objective.selfSupervision ${selfSupervision} replaces the real/fake head`;
  const { losses } = task.adversarial;
  if (!losses.includes(loss))
    throw new UserError(
      `${replaces}, and there is no form of it for objective.loss ${loss}.`,
      `Use ${losses.map((name) => setting("objective.loss", name)).join(" or ")}.`,
    );
  if (discriminator.conditioning !== "none")
    throw new UserError(
      `${replaces}, and discriminator.conditioning ${discriminator.conditioning} adds to the logit of that head.`,
      `Use ${settings(["discriminator.conditioning", "none"], ["generator.norm", "batch"])}, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
    );
  if (discriminator.batchSpread)
    throw new UserError(
      `${replaces}, and discriminator.batchSpread adds to the logit of that head.`,
      `Use ${setting("discriminator.batchSpread", false)}, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
    );
  const step = (turns === "one" ? task.multipleOf.one : 1) * training.accumulate;
  if (training.batchSize % step !== 0)
    throw new UserError(
      `training.batchSize is ${training.batchSize}: with objective.turns=one each of the ${training.accumulate} micro-batches (training.accumulate) needs as many images in each of ${task.transformations} transformations.`,
      `Use a multiple of ${step}: ${setting("training.batchSize", Math.max(step, Math.round(training.batchSize / step) * step))}`,
    );
}

function checkPenalty({ objective, discriminator }: Config): void {
  const { penalty, lambda, penalties, selfSupervision } = objective;
  if (penalties !== "none" && penalty !== "none")
    throw new UserError(
      `objective.penalty is ${penalty} and objective.penalties is ${penalties}: there are two places for one thing.`,
      `Write all of them into the list: ${settings(["objective.penalty", "none"], ["objective.lambda", 0], ["objective.penalties", `${penalty}:${lambda},${penalties}`])}`,
    );
  const terms = penaltiesOf(objective);
  const short = penalties === "none";
  if (lambda !== 0 && !(short && terms.length > 0))
    throw new UserError(
      short
        ? `objective.lambda is ${lambda} but objective.penalty is none, so there is nothing it could weigh.`
        : `objective.lambda is ${lambda}, but each penalty in objective.penalties has a weight of its own.`,
      "Leave objective.lambda at 0, or choose a penalty.",
    );
  const task = taskOf(objective);
  const range = DISCRIMINATORS[discriminator.architecture].imageRange;
  for (const { name, penalty: chosen } of terms) {
    const given = short ? `objective.penalty is ${name}` : `objective.penalties has ${name}`;
    const without = setting(`objective.${short ? "penalty" : "penalties"}`, "none");
    if (short && lambda === 0)
      throw new UserError(
        `${given} but objective.lambda is 0, so it would cost time and change nothing.`,
        `Give it a weight, for example ${setting("objective.lambda", 10)}, or use ${without}.`,
      );
    if (task?.adversarial.kind === "weightless")
      throw new UserError(
        `${given}, but with objective.selfSupervision=${selfSupervision} everything except the ${task.description.key} loss has weight 0.`,
        `Use ${without}, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
      );
    if (!chosen.imageRanges.includes(range))
      throw new UserError(
        `${given}, which clips images to [0, 1], but discriminator.architecture ${discriminator.architecture} works on images in [-1, 1].`,
        "Use an architecture with images in [0, 1], such as resnet-cifar, or wgan-gp instead.",
      );
  }
}

function checkAuxiliary(config: Config): void {
  const { objective, training } = config;
  const terms = auxiliaryTerms(objective.auxiliary);
  if (terms.length === 0) return;
  const task = taskOf(objective);
  if (task?.adversarial.kind === "weightless")
    throw new UserError(
      `objective.auxiliary is ${objective.auxiliary}, but with objective.selfSupervision=${objective.selfSupervision} everything except the ${task.description.key} loss has weight 0.`,
      `Use ${setting("objective.auxiliary", "none")}, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
    );
  const names = terms.map(({ name }) => name);
  if (names.includes("cr") && names.includes("bcr"))
    throw new UserError(
      `objective.auxiliary is ${objective.auxiliary}: bcr is cr on real images and the same on generated ones.`,
      "Name one of the two.",
    );
  for (const { name, auxiliary } of terms) {
    const { minBatch = 1 }: AuxiliaryLoss = auxiliary;
    if (microBatch(config) < minBatch)
      throw new UserError(
        `objective.auxiliary has ${name}, which compares images of a pass, and there are ${microBatch(config)} in one (training.batchSize ${training.batchSize}, training.accumulate ${training.accumulate}).`,
        `Use at least ${minBatch}: ${setting("training.batchSize", minBatch * training.accumulate)}`,
      );
  }
}

/**
 * Losses under which a constant added to all logits changes nothing, so that their signs say
 * nothing.
 */
const WITHOUT_LEVEL: readonly Config["objective"]["loss"][] = ["wasserstein", "relativistic"];

function checkAdaptive({ training, objective }: Config): void {
  const { adaptive, augment } = training;
  if (adaptive === "none") return;
  const given = `training.adaptive is ${adaptive}`;
  if (adaptive === "ada" && augment === "none")
    throw new UserError(
      `${given}, which applies the augmentations of training.augment with a probability, and there are none.`,
      `Name some: ${setting("training.augment", "colour,translation,cutout")}, or use ${setting("training.adaptive", "apa")}.`,
    );
  if (WITHOUT_LEVEL.includes(objective.loss))
    throw new UserError(
      `${given}, which goes by the signs of the scores of real images, and under objective.loss ${objective.loss} only differences of scores mean anything.`,
      `Use ${setting("objective.loss", "non-saturating")} or hinge, or ${setting("training.adaptive", "none")}.`,
    );
  if (taskOf(objective)?.adversarial.kind === "weightless")
    throw new UserError(
      `${given}, which goes by the scores of the real/fake head, and with objective.selfSupervision=${objective.selfSupervision} nobody trains it.`,
      `Use ${setting("training.adaptive", "none")}, or ${setting("objective.selfSupervision", USUAL_TASK)}.`,
    );
}

function checkEvaluation({ generator }: Config): void {
  if (generator.statistics === "standing" && generator.norm === "none")
    throw new UserError(
      "generator.statistics is standing but generator.norm is none: such a generator has no statistics.",
      "Leave generator.statistics at running.",
    );
}

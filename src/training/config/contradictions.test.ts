/**
 * Values of objective and training that cannot mean anything together, classes taken from data, and
 * weights that follow from others.
 */

import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { NO_LABEL } from "../../data/store/store.ts";
import { PRETEXT_TASKS, SELF_SUPERVISIONS, type SelfSupervision } from "../../objectives/pretext/registry.ts";
import { type ClassedData, everyLabelGiven, missingClasses, withDataClasses } from "./classes.ts";
import { resolveConfig } from "./resolve.ts";
import type { Config } from "./schema.ts";
import { objectiveSection } from "./sections/objective.ts";

const bare = { name: "bare", description: "", source: "", values: {}, sources: {} };
const resolve = (...sets: string[]) => resolveConfig({ preset: bare, sets, flags: [] });
const refusal = (work: () => unknown): UserError => {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("accepted");
};

const SYMMETRIC = ["generator.architecture=sngan-resnet", "discriminator.architecture=sngan-resnet"];
const FEW_LABELS = [
  "generator.norm=conditional",
  "discriminator.conditioning=predicted",
  "data.unlabeled=keep",
  "objective.auxiliary=lecam:0.3,classes:1",
];
const CONDITIONAL = ["generator.norm=conditional", "discriminator.conditioning=projection"];

it("self-supervision has the names of the pretext tasks, and no others", () => {
  for (const selfSupervision of SELF_SUPERVISIONS)
    expect(objectiveSection.parse({ selfSupervision }).selfSupervision).toBe(selfSupervision);
  expect(objectiveSection.safeParse({ selfSupervision: "unheard-of" }).success).toBe(false);
  // @ts-expect-error A name without a task is not a value of the option.
  expect(PRETEXT_TASKS["unheard-of" satisfies Config["objective"]["selfSupervision"]]).toBeUndefined();
});

it("a task that is named as a harder one is there", () => {
  for (const name of SELF_SUPERVISIONS) {
    const { description } = PRETEXT_TASKS[name] ?? {};
    if (description?.harder !== undefined) expect(SELF_SUPERVISIONS).toContain(description.harder);
  }
});

const task = (name: SelfSupervision): string[] => [`objective.selfSupervision=${name}`];

describe("contradictions", () => {
  it.each([
    [["training.accumulate=3"], /batchSize 64 cannot be cut into 3/, /batchSize=66/],
    [
      ["training.accumulate=32", "objective.rotatedBatch=64"],
      /each of the 32 micro-batches/,
      /rotatedBatch=128/,
    ],
    [["objective.rotatedBatch=512"], /takes 128 images .*batchSize is only 64/, /rotatedBatch=256/],
    [
      ["objective.turns=one", "objective.rotatedBatch=128"],
      /takes 128 images/,
      /at most the batch size.*=64/,
    ],
    [["objective.lambda=10"], /penalty is none/, /at 0/],
    [["discriminator.frozenBlocks=2"], /no run whose weights they would keep/, /--init runs/],
    [["objective.auxiliary=cr:10,bcr:10"], /bcr is cr on real images/, /one of the two/],
    [
      [...task("rotation-only"), "objective.auxiliary=lecam:0.3"],
      /everything except the rotation loss has weight 0/,
      /auxiliary=none.*=rotation/,
    ],
    [
      [
        "objective.auxiliary=infomax:0.2",
        "training.batchSize=4",
        "training.accumulate=4",
        "objective.rotatedBatch=16",
      ],
      /compares images of a pass, and there are 1 in one/,
      /batchSize=8/,
    ],
    [
      ["training.adaptive=ada"],
      /applies the augmentations of training\.augment/,
      /augment=colour.*adaptive=apa/,
    ],
    [
      ["training.adaptive=apa", "objective.loss=wasserstein"],
      /only differences of scores mean anything/,
      /loss=non-saturating/,
    ],
    [["training.adaptive=apa", ...task("rotation-only")], /nobody trains it/, /adaptive=none/],
    [["objective.auxiliary=crr:1"], /Unknown auxiliary loss "crr"/, /cr/],
    [["discriminator.initialization=fixup"], /divides each .* which is then 0/, /spectralNorm=false/],
    [
      ["generator.initialization=fixup", "generator.architecture=dcgan"],
      /about residual blocks, and generator\.architecture dcgan has none/,
      /initialization=he/,
    ],
    [[...task("jigsaw")], /in each of 24 transformations/, /multiple of 24: .*=72, .*turns=one/],
    [
      [...task("rotation-la"), "objective.loss=wasserstein"],
      /no form of it/,
      /loss=hinge or .*non-saturating/,
    ],
    [[...task("rotation-la"), "objective.loss=relativistic"], /no form of it/, /loss=hinge/],
    [
      [...task("rotation-da-md"), "objective.loss=relativistic"],
      /replaces the real\/fake head, and there is no form of it/,
      /loss=hinge or .*=non-saturating or .*=wasserstein/,
    ],
    [[...task("rotation-da"), ...CONDITIONAL], /adds to the logit of that head/, /conditioning=none/],
    [[...task("rotation-la"), ...CONDITIONAL], /adds to the logit of that head/, /conditioning=none/],
    [[...task("rotation-la"), "discriminator.batchSpread=true"], /adds to the logit/, /batchSpread=false/],
    [
      [...task("rotation-la"), "objective.turns=one", "training.batchSize=30"],
      /as many images in each of 4/,
      /batchSize=32/,
    ],
    [["objective.lambda=10", "objective.penalties=r1:1"], /a weight of its own/, /at 0/],
    [["objective.penalty=l2", "objective.penalties=r1:1"], /two places/, /penalties=l2:1,r1:1/],
    [["objective.penalties=r1:1", "objective.selfSupervision=rotation-only"], /weight 0/, /penalties=none/],
    [["objective.penalties=l2:1,dragan:1", ...SYMMETRIC], /has dragan, which clips images/, /wgan-gp/],
    [["objective.penalties=r3:1"], /Unknown penalty "r3"/, /r1/],
    [["objective.penalty=wgan-gp", "objective.lambda=0"], /change nothing/, /lambda=10/],
    [["objective.penalty=l2", "objective.selfSupervision=rotation-only"], /weight 0/, /penalty=none/],
    [["objective.penalty=r1", "objective.selfSupervision=rotation-only"], /weight 0/, /penalty=none/],
    [["objective.penalty=r1-r2", "objective.lambda=0"], /change nothing/, /lambda=10/],
    [["objective.penalty=dragan", ...SYMMETRIC], /clips images to \[0, 1\].*\[-1, 1\]/, /wgan-gp/],
    [["generator.norm=conditional"], /nobody would see to it/, /conditioning=projection/],
    [["discriminator.conditioning=projection"], /would not know the class/, /norm=conditional/],
    [
      ["discriminator.conditioning=predicted-soft", "objective.auxiliary=classes:1", "data.unlabeled=keep"],
      /would not know the class/,
      /norm=conditional.*conditioning=none.*auxiliary=none/,
    ],
    [
      [...FEW_LABELS, "objective.auxiliary=lecam:0.3"],
      /nothing teaches the head/,
      /auxiliary=lecam:0.3,classes:1.*conditioning=projection/,
    ],
    [[...FEW_LABELS, "objective.auxiliary=none"], /nothing teaches the head/, /auxiliary=classes:1/],
    [
      [...FEW_LABELS, "data.unlabeled=exclude"],
      /which leaves these out/,
      /unlabeled=keep.*conditioning=projection.*auxiliary=lecam:0.3\.$/,
    ],
    [[...FEW_LABELS, "training.adaptive=apa"], /would be learned as labels/, /adaptive=ada/],
    [
      [...CONDITIONAL, "objective.auxiliary=classes:1"],
      /under discriminator\.conditioning projection .* has no head/,
      /conditioning=predicted/,
    ],
    [["objective.auxiliary=classes:1"], /has no head that predicts them/, /leave classes out/],
    [[...task("rotation-la"), ...FEW_LABELS], /adds to the logit of that head/, /conditioning=none/],
    [[...CONDITIONAL, "data.classes=1"], /of one class/, /more classes/],
    [["generator.statistics=standing", "generator.norm=none"], /no statistics/, /running/],
    [["training.augment=color"], /Unknown augmentation "color"/, /Did you mean "colour"/],
    [["training.augment=none,colour"], /none stands alone/, /out of the list/],
    [["training.augment=cutout,cutout"], /named twice/, /once/],
    [["objective.loss=hing"], /expected hinge, non-saturating/, /Did you mean "hinge"/],
  ])("%j is refused with the remedy", (sets, message, hint) => {
    const error = refusal(() => resolve(...sets));
    expect(error.message).toMatch(message);
    expect(error.written(asFlag).hint).toMatch(hint);
  });

  it("say what to set instead, and that then works", () => {
    expect(() => resolve("training.accumulate=32", "objective.rotatedBatch=128")).not.toThrow();
    expect(() =>
      resolve("training.accumulate=3", "training.batchSize=66", "objective.rotatedBatch=60"),
    ).not.toThrow();
    expect(() => resolve("objective.rotatedBatch=4")).not.toThrow();
    for (const sets of [
      [...task("jigsaw"), "objective.turns=one"],
      [...task("jigsaw"), "objective.rotatedBatch=72"],
      task("rotation-la"),
      [...task("rotation-la"), "objective.turns=one", "objective.loss=non-saturating"],
      task("rotation-la-plus"),
      [...task("rotation-ms"), ...CONDITIONAL],
    ])
      expect(() => resolve(...sets), sets.join(" ")).not.toThrow();
    expect(() => resolve("objective.rotatedBatch=256")).not.toThrow();
    expect(() => resolve("objective.turns=one", "objective.rotatedBatch=64")).not.toThrow();
    expect(() => resolve(...CONDITIONAL)).not.toThrow();
    expect(() => resolve("objective.penalty=dragan")).not.toThrow();
    for (const penalty of ["r1", "r1-r2"])
      expect(() => resolve(`objective.penalty=${penalty}`, ...SYMMETRIC)).not.toThrow();
    expect(() => resolve("training.augment=colour,translation,cutout")).not.toThrow();
  });
});

describe("the weight of a penalty", () => {
  it("is 1 unless it is given, and says why", () => {
    const { config, reasons } = resolve("objective.penalty=wgan-gp");
    expect(config.objective.lambda).toBe(1);
    expect(reasons["objective.lambda"]).toMatch(/compare_gan/);
    expect(resolve("objective.penalty=wgan-gp", "objective.lambda=10").config.objective.lambda).toBe(10);
    expect(resolve().config.objective.lambda).toBe(0);
  });

  it("of a preset without a penalty does not count for one that is asked for", () => {
    const preset = { ...bare, values: { "objective.penalty": "none", "objective.lambda": 0 } };
    const { config } = resolveConfig({ preset, sets: ["objective.penalty=l2"], flags: [] });
    expect(config.objective.lambda).toBe(1);
  });
});

describe("classes", () => {
  const data = (labels: readonly number[] | undefined, names?: readonly string[]): ClassedData => ({
    labels: labels && Uint16Array.from(labels),
    classNames: names,
    summary: { name: "pictures" },
  });
  const conditional = (...sets: string[]): Config => resolve(...CONDITIONAL, ...sets).config;

  const few = (...sets: string[]): Config => resolve(...FEW_LABELS, ...sets).config;

  it("are as many as the data has, whoever has no label", () => {
    expect(withDataClasses(few(), data([0, 4, NO_LABEL])).data.classes).toBe(5);
    expect(withDataClasses(conditional(), data([0, 1], ["cats", "dogs", "owls"])).data.classes).toBe(3);
    expect(withDataClasses(conditional(), data([0, 4, 1])).data.classes).toBe(5);
    expect(withDataClasses(conditional("data.classes=5"), data([0, 4, 1])).data.classes).toBe(5);
    expect(withDataClasses(resolve().config, data([0, 1])).data.classes).toBe(0);
  });

  it.each([
    [conditional(), data(undefined), /pictures has no classes\./, /labeled data/],
    [
      conditional(),
      { ...data(undefined), summary: { name: "pictures", noClasses: "t.csv has no label in 1 of 2 rows" } },
      /pictures has no classes \(t\.csv has no label in 1 of 2 rows\)\./,
      /labeled data/,
    ],
    [conditional("data.classes=2"), data([0, 4]), /is 2, but pictures has 5/, /Leave data\.classes out/],
    [
      conditional("data.classes=5"),
      data([0, 1], ["cats", "dogs"]),
      /is 5, but pictures has 2/,
      /Leave data\.classes out.*folder without images/,
    ],
    [conditional("data.classes=7"), data([0, 4]), /is 7, but pictures has 5/, /--run RUN/],
    [conditional(), data([0, 0]), /of one class/, /more classes/],
    [conditional(), data([0, 1, NO_LABEL]), /and 1 of the 3 images of pictures have no label/, /=predicted/],
    [few(), data(undefined), /pictures has no classes\./, /Give some of the images a label.*=none/],
    [few(), data([NO_LABEL, NO_LABEL]), /none of the 2 images .* has a label/, /Give some.*split is train/],
  ])("are refused where they do not fit (%#)", (config, store, message, hint) => {
    const error = refusal(() => withDataClasses(config, store));
    expect(error.message).toMatch(message);
    expect(error.written(asFlag).hint).toMatch(hint);
  });

  it("of a run that was begun with more stay as they are, and too few do not", () => {
    const two = data([0, 1], ["cats", "dogs"]);
    expect(withDataClasses(conditional("data.classes=5"), two, true).data.classes).toBe(5);
    expect(refusal(() => withDataClasses(conditional("data.classes=2"), data([0, 4]), true)).message).toMatch(
      /has 5/,
    );
  });

  it("that are given everywhere leave nothing to predict, which is said", () => {
    expect(everyLabelGiven(few(), data([0, 1]))).toMatch(/Every image of pictures has a label.*projection/);
    expect(everyLabelGiven(few(), data([0, NO_LABEL]))).toBeUndefined();
    expect(everyLabelGiven(conditional(), data([0, 1]))).toBeUndefined();
    const store = data([0, NO_LABEL], ["cats", "dogs"]);
    expect(missingClasses(withDataClasses(few(), store), store)).toMatch(
      /1 of the 2 classes have no labeled image .*\(dogs\)/,
    );
  });

  it("without an image are named", () => {
    const names = ["cats", "dogs", "owls"];
    const warning = (labels: number[], ...sets: string[]) => {
      const store = data(labels, names);
      return missingClasses(withDataClasses(conditional(...sets), store, true), store);
    };
    expect(warning([0, 1, 2])).toBeUndefined();
    expect(warning([0, 2])).toMatch(/1 of the 3 classes have no image in .* pictures \(dogs\)/);
    expect(warning([0], "data.classes=9")).toMatch(/8 of the 9 .*\(dogs, owls, 3, 4, 5, …\)/);
    expect(missingClasses(resolve().config, data([0, 2], names))).toBeUndefined();
  });
});

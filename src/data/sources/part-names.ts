/**
 * The words by which data sets name their parts, in folders (`Train`, `testing`, `train2017`,
 * `training_set`, `seg_test`) and in file names. Pure: works on names.
 */

/** Words for the training part, the usual one first. */
const TRAIN = ["train", "training", "trn"];
/** Words for a part to measure on. The first of them that is there serves as the test part. */
const TEST = [
  ...["test", "testing", "tst", "val", "valid", "validation", "dev", "eval", "evaluation"],
  ...["holdout", "heldout"],
];
/** Words that say nothing about which part it is. */
const NEUTRAL = new Set(["set", "data", "dataset", "split", "images", "image", "imgs", "img", "pictures"]);

/** A name that says which part it is. */
export interface PartName {
  readonly name: string;
  readonly part: "train" | "test";
  /** Place of its word among those for this part; lower is preferred. */
  readonly rank: number;
  /**
   * The other words of the name in lower case, without numbers and neutral ones: `seg` of
   * `seg_train`.
   */
  readonly rest: string;
  /** All other words: `2017` of `train2017`. */
  readonly exactRest: string;
}

/** What `name` says of a part; undefined where it has no such word, or two of them. */
export function readPartName(name: string): PartName | undefined {
  const words = wordsOf(name);
  const found = words.flatMap((word, at): { at: number; part: PartName["part"]; rank: number }[] => {
    const [train, test] = [TRAIN.indexOf(word), TEST.indexOf(word)];
    if (train >= 0) return [{ at, part: "train", rank: train }];
    return test >= 0 ? [{ at, part: "test", rank: test }] : [];
  });
  const [only] = found;
  if (!only || found.length > 1) return undefined;
  const others = words.filter((_, at) => at !== only.at);
  return {
    name,
    part: only.part,
    rank: only.rank,
    rest: others.filter((word) => !NEUTRAL.has(word) && !/^\d+$/.test(word)).join(" "),
    exactRest: others.join(" "),
  };
}

/**
 * Words of a name in lower case: divided at anything but letters and digits, between the two, and
 * before capitals.
 */
function wordsOf(name: string): string[] {
  const pieces = name.match(/\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{Lu}|\p{N}+/gu) ?? [];
  return pieces.map((piece) => piece.toLowerCase());
}

/** A training and a test part among names of folders. */
export interface PartPair {
  readonly train: string;
  readonly test: string;
}

/**
 * The names among `names` that divide a set, the best pair first: names that are but the words for
 * parts before names with others (`seg_train`, `seg_test`), whose others must be the same.
 * @returns no pair where several kinds of others claim to be the division (`trainA`, `testA`,
 * `trainB`, `testB`)
 */
export function partPairs(names: Iterable<string>): PartPair[] {
  const found = [...new Set(names)].sort().flatMap((name) => readPartName(name) ?? []);
  const pairs = found
    .filter(({ part }) => part === "train")
    .flatMap((train) =>
      found
        .filter(({ part, rest }) => part === "test" && rest === train.rest)
        .map((test) => ({ train, test })),
    );
  const plain = pairs.filter(({ train }) => train.rest === "");
  const chosen = plain.length > 0 ? plain : pairs;
  if (new Set(chosen.map(({ train }) => train.rest)).size > 1) return [];
  const unlike = ({ train, test }: { train: PartName; test: PartName }): number =>
    train.exactRest === test.exactRest ? 0 : 1;
  return chosen
    .sort(
      (a, b) =>
        unlike(a) - unlike(b) ||
        a.train.exactRest.length - b.train.exactRest.length ||
        a.train.rank - b.train.rank ||
        a.test.rank - b.test.rank,
    )
    .map(({ train, test }) => ({ train: train.name, test: test.name }));
}

/**
 * The words for parts among `words` (of file names, in lower case): the training one and the one
 * that serves for testing.
 */
export function partWords(words: ReadonlySet<string>): {
  train: string | undefined;
  test: string | undefined;
} {
  return {
    train: TRAIN.find((word) => words.has(word)),
    test: TEST.find((word) => words.has(word)),
  };
}

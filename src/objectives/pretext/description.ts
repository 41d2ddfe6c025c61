/**
 * What is said of a pretext task: plain data, which pages and reports take without the task's
 * arithmetic.
 */

/** How a transformed image is drawn from the upright one. */
export type ViewDrawing =
  /** Rotated counterclockwise by so many quarter turns. */
  | { readonly turns: number }
  /** Cut into side × side tiles, row by row; place i shows tile number `tiles[i]`. */
  | { readonly tiles: readonly number[]; readonly side: number };

/** A transformation that people are shown. */
export interface PretextView {
  /** Begins with a capital letter: `Upright`, `Rotated 90°`. */
  readonly name: string;
  /** Its class, an index into `classNames`. */
  readonly label: number;
  readonly draw: ViewDrawing;
}

/** A pretext task in words and numbers. */
export interface PretextDescription {
  /**
   * One word, the same in every text: prefix of the task's results in a record (`rotation` →
   * `rotationLossReal`), and name of its output in exports.
   */
  readonly key: string;
  /**
   * After the task's name and a colon in the list of values of `objective.selfSupervision`, without
   * a full stop.
   */
  readonly summary: string;
  /** Begins a title: `Rotation` → `Rotation accuracy`. */
  readonly title: string;
  /** What the discriminator tells, after "tells": `by which quarter turn an image was rotated`. */
  readonly question: string;
  /** Its classes in the order of the answers, [K]. */
  readonly classNames: readonly string[];
  /** The classes in a sentence: `the quarter turns 0°, 90°, 180°, 270° counterclockwise`. */
  readonly classes: string;
  /**
   * Whether it answers a question about each image, rightly or wrongly, so that there is an
   * accuracy.
   */
  readonly answers: boolean;
  /** Whether the answers are about quarter turns, so that they can turn images upright. */
  readonly tellsQuarterTurns: boolean;
  /** Share of transformed real images that are told right, in [0, 1]. */
  readonly accuracy: {
    /** By guessing. */
    readonly chance: number;
    /** Below this a warning is given. */
    readonly warn: number;
    /** Above this the warning is over. */
    readonly recover: number;
    /** From here on the task counts as learned, so that losing it later is forgetting. */
    readonly learned: number;
  };
  /** Whether the task has its own weights α and β, or takes the place of the adversarial loss. */
  readonly weighted: boolean;
  /** Images of which it can learn nothing, and what to look at; two sentences at the most. */
  readonly unlearnable: string;
  /**
   * A task that asks more of the same images, by its name in the configuration; undefined where
   * none is known.
   */
  readonly harder?: string;
  /** What a model card says under limitations. */
  readonly limitation: string;
  /** What a model card calls a GAN that is trained with it, with its source. */
  readonly kind: string;
  /** Identifier of the paper on arXiv. */
  readonly arxiv: string;
  /** What an exported discriminator says of the task's output, by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Transformations to look at, the first of which is the image as it is. */
  readonly views: readonly PretextView[];
}

/**
 * An image in its four quarter turns: the views of tasks about them, and of a GAN without a task.
 */
export const QUARTER_TURN_VIEWS: readonly PretextView[] = [0, 1, 2, 3].map((turns) => ({
  name: turns === 0 ? "Upright" : `Rotated ${90 * turns}°`,
  label: turns,
  draw: { turns },
}));

/** Mean cross-entropy of a head that guesses: ln 4 ≈ 1.386 for four classes. */
export const guessingLoss = ({ accuracy }: PretextDescription): number => -Math.log(accuracy.chance);

/**
 * The task that all runs with a task have; undefined where they differ, and where no run has one.
 */
export function commonTask(
  tasks: readonly (PretextDescription | undefined)[],
): PretextDescription | undefined {
  const known = tasks.filter((task) => task !== undefined);
  return known.every(({ key }) => key === known[0]!.key) ? known[0] : undefined;
}

/**
 * The name of one of a task's results in a record: (`rotation`, `lossReal`) → `rotationLossReal`.
 */
export const resultName = (key: string, measure: string): string =>
  `${key}${measure.slice(0, 1).toUpperCase()}${measure.slice(1)}`;

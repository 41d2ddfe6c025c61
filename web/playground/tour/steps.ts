/**
 * The tour: why a second question helps the discriminator, in five steps. Plain text; what each
 * step does is in Tour.svelte.
 */

/** What the page does when a step is come to. */
export type TourAction = "generate" | "quiz" | "both";

/** A step of the tour. */
export interface TourStep {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly action?: TourAction;
}

/** Shown in the tour, in the order of its steps. */
export const TOUR: readonly TourStep[] = [
  {
    title: "Two networks play a game",
    action: "generate",
    paragraphs: [
      "The generator turns random numbers into images. The samples on this page were made in your browser just now.",
      "The discriminator is shown real images and generated ones, and says which is which. Each learns from the other's mistakes.",
    ],
  },
  {
    title: "The discriminator forgets",
    paragraphs: [
      "It is only ever asked: real or generated? And generated images change all the time.",
      "Whatever it once knew about the images, the shape of a face, say, it may lose as soon as something else tells the two apart for now. The generator then follows a judge who changes his mind.",
    ],
  },
  {
    title: "A second question: which way is up?",
    action: "quiz",
    paragraphs: ["Try it: by which quarter turn was this picture rotated, counterclockwise?"],
  },
  {
    title: "With and without, side by side",
    action: "both",
    paragraphs: [
      "Two small GANs train in this tab, on the same images, from the same seed and the same first weights. Only the discriminator on the left is also asked the second question.",
      "The first images come within seconds, shapes within half a minute or so.",
    ],
  },
  {
    title: "What to look at",
    paragraphs: [
      "Rotation accuracy: at 25% the left discriminator guesses. Once the curve rises, it has learned what is up, and with that something about what is in the pictures. No label told it. This takes some minutes.",
      "Its generator gains by images whose top can be told: the task pulls both the same way, and it stays the same while the game changes. In long runs this keeps the discriminator from forgetting.",
      "Click an image to see its four turns and what each discriminator says. Move “Through time” to compare both at the same step. In a few minutes the pictures themselves differ little: the effect shows in long runs, as the command line trains them.",
    ],
  },
];

/** A picture of the built-in images for the second question. */
export interface QuizPicture {
  /** Its number among the built-in images. */
  readonly image: number;
  readonly what: string;
  /** Quarter turns counterclockwise. */
  readonly turns: number;
  /** Whether nobody can tell. */
  readonly hopeless?: true;
}

/** Asked one after the other. */
export const QUIZ: readonly QuizPicture[] = [
  { image: 1248, what: "a giraffe", turns: 1 },
  { image: 1001, what: "a locomotive", turns: 2 },
  { image: 1079, what: "a lifebuoy", turns: 3, hopeless: true },
];

/** What is said of an answer. */
export function quizAnswer({ what, turns, hopeless }: QuizPicture, guess: number): string {
  if (hopeless)
    return `Nobody can tell: ${what} looks the same in every turn. A discriminator can only guess here, too. Most pictures are not like that.`;
  const right = guess === turns;
  return `${right ? "Right" : `It was ${90 * turns}°`}: it is ${what}. ${
    right ? "You knew" : "One knows"
  } by what it looks like when it stands upright. Whoever is to answer must learn what things look like. That is all the second question is for, and it needs no labels: the page rotates the pictures itself.`;
}

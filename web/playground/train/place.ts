/**
 * What the training view is set to, as part of the page's address: a link shows the same settings
 * to somebody else, and after a reload.
 */
import { AUGMENTED, BATCHES, type Choices, DEFAULT_CHOICES, LOSSES, MAX_STEPS, WIDTHS } from "./choices.ts";

/** What a link brings back: settings, and the images where everybody has them. */
export interface TrainPlace {
  readonly choices: Choices;
  readonly builtIn: boolean;
}

/** How a choice stands in an address. */
interface Form<T> {
  /** Not among those of the generator's view: both stand in one address. */
  readonly name: string;
  write(value: T): string;
  /** Undefined: it makes no sense. */
  read(text: string): T | undefined;
}

const number = (name: string, fits: (value: number) => boolean): Form<number> => ({
  ...{ name, write: String },
  read(text) {
    const value = Number(text);
    return text !== "" && fits(value) ? value : undefined;
  },
});
const among = (values: readonly number[]) => (value: number) => values.includes(value);
const whole = (min: number, max: number) => (value: number) =>
  Number.isInteger(value) && value >= min && value <= max;
const onOff = (name: string): Form<boolean> => ({
  ...{ name, write: (value) => (value ? "on" : "off") },
  read: (text) => ({ on: true, off: false })[text],
});
const word = <T extends string>(name: string, words: readonly T[]): Form<T> => ({
  ...{ name, write: String },
  read: (text) => words.find((one) => one === text),
});

const FORMS: { readonly [K in keyof Choices]: Form<Choices[K]> } = {
  // Links of before have this name.
  task: onOff("rotation"),
  spectralNorm: onOff("spectral-norm"),
  augment: {
    ...{ name: "augment", write: (value) => (value === "none" ? "off" : "on") },
    read: (text) => ({ on: AUGMENTED, off: "none" })[text],
  },
  loss: word<string>("loss", LOSSES),
  width: number("width", among(WIDTHS)),
  batchSize: number("batch", among(BATCHES)),
  learningRate: number("rate", (value) => value >= 1e-5 && value <= 0.1),
  steps: number("steps", whole(1, MAX_STEPS)),
  seed: number("run-seed", whole(0, Number.MAX_SAFE_INTEGER)),
  device: word("device", ["cpu", "webgpu"]),
};
/** The images that come with the page. */
const IMAGES = { name: "images", builtIn: "built-in" } as const;

/** Names that are this view's. */
export const TRAIN_NAMES: readonly string[] = [...Object.values(FORMS).map(({ name }) => name), IMAGES.name];

/** The part of an address: only what differs from what everybody begins with. */
export function formatTrainPlace({ choices, builtIn }: TrainPlace): URLSearchParams {
  const values = new URLSearchParams();
  const put = <K extends keyof Choices>(key: K): void => {
    if (choices[key] !== DEFAULT_CHOICES[key]) values.set(FORMS[key].name, FORMS[key].write(choices[key]));
  };
  for (const key of Object.keys(FORMS) as (keyof Choices)[]) put(key);
  if (builtIn) values.set(IMAGES.name, IMAGES.builtIn);
  return values;
}

/** Read an address. What makes no sense is as at the start. */
export function parseTrainPlace(values: URLSearchParams): TrainPlace {
  const choices: { -readonly [K in keyof Choices]: Choices[K] } = { ...DEFAULT_CHOICES };
  const take = <K extends keyof Choices>(key: K): void => {
    const text = values.get(FORMS[key].name);
    const read = text === null ? undefined : FORMS[key].read(text);
    if (read !== undefined) choices[key] = read;
  };
  for (const key of Object.keys(FORMS) as (keyof Choices)[]) take(key);
  return { choices, builtIn: values.get(IMAGES.name) === IMAGES.builtIn };
}

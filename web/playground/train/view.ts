/** What the training view shows, as it is before anything has been chosen. */
import type { PretextDescription } from "../../../src/objectives/pretext/description.ts";
import type { Problem } from "../problem.ts";
import { type Choices, DEFAULT_CHOICES, type TabDevice } from "./choices.ts";
import type { Phase } from "./phase.ts";
import type { TrainPlace } from "./place.ts";
import type { Trial } from "./session.ts";
import type { ShownSample } from "./shown-samples.ts";
import type { Images } from "./worker.ts";

/** How the view begins. */
export interface Beginning {
  /** Whether the browser keeps the run for a later visit. */
  readonly keep?: boolean;
  /** What the page's address asks for. */
  readonly place?: TrainPlace;
}

/** A view of its own for everybody who asks. @param choices what is chosen at first */
export const startView = (choices: Choices = DEFAULT_CHOICES) => ({
  phase: "empty" as Phase,
  busy: "",
  progress: undefined as number | undefined,
  problem: undefined as Problem | undefined,
  /** Why what was dropped is not taken while something else is under way. */
  refusal: undefined as Problem | undefined,
  notes: [] as string[],
  images: undefined as Images | undefined,
  /** The run was begun elsewhere or earlier: only its length may be chosen. */
  begun: false,
  runName: "",
  choices: { ...choices } as Choices,
  /** What the run is taught besides real or generated; undefined for a plain GAN. */
  task: undefined as PretextDescription | undefined,
  devices: ["cpu"] as readonly TabDevice[],
  trial: undefined as Trial | undefined,
  /** Seconds a step on each device that was tried. */
  tried: {} as Partial<Record<TabDevice, number>>,
  engine: "",
  step: 0,
  samples: [] as ShownSample[],
  reals: undefined as string | undefined,
  /** Place in `samples`; the last one is followed. */
  shown: -1,
  secondsLeft: undefined as number | undefined,
  kept: 0,
  keptStep: 0,
});

/**
 * Two runs side by side that differ in one thing: one has the pretext task, the other has not.
 * Same images, same seed, same first weights.
 */
import { createTrain, type Train } from "./state.svelte.ts";

/** A run beside the page's own. */
export function createDuel(train: Train) {
  const view = $state({
    /** Step up to which both are looked at; undefined: the newest of each. */
    step: undefined as number | undefined,
    chosen: 0,
    kind: "fake" as "fake" | "real",
  });
  let other = $state.raw<Train | undefined>();

  /** Begin both. Without images, on those that come with the page. */
  async function start(): Promise<void> {
    if (other || train.occupied()) return;
    if (!train.view.images) await train.useBuiltIn();
    if (!train.view.images) return;
    const rival = createTrain(async () => undefined, { keep: false });
    other = rival;
    await rival.openAgain(train.origin);
    // It was left meanwhile, or has no images.
    if (other !== rival || !rival.view.images) return;
    train.choose({ task: true });
    rival.choose({ ...$state.snapshot(train.view.choices), task: false });
    await Promise.all([train.start(), rival.start()]);
  }

  const both = (): readonly Train[] => (other ? [train, other] : [train]);
  const command = async (kind: "pause" | "resume" | "step"): Promise<void> => {
    await Promise.all(both().map((one) => one.command(kind)));
  };
  const stop = async (): Promise<void> => {
    await Promise.all(both().map((one) => one.stop()));
  };
  /** Go on with the run that has the task alone. */
  function leave(): void {
    other?.end();
    other = undefined;
    view.step = undefined;
  }
  return {
    ...{ view, start, command, stop, leave },
    /** The run without the task; undefined while there is none. */
    get other() {
      return other;
    },
  };
}

export type Duel = ReturnType<typeof createDuel>;

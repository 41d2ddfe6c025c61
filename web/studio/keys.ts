/** Keys of the page: through time, through the runs, through the images. */
import type { RunDetail } from "../../src/studio/protocol.ts";
import { type Common, matches, type QueriedRun } from "./home/query.ts";
import { atStep, type View } from "./view.ts";

/** What a key does: another view, or showing the help. */
export type KeyAction = Partial<View> | "help" | undefined;

/** What the keys need to know. */
export interface KeyState {
  readonly view: View;
  readonly runs: readonly QueriedRun[] | undefined;
  readonly common?: Common;
  /** What the list of runs is filtered by. */
  readonly filter: string;
  readonly details: ReadonlyMap<string, Pick<RunDetail, "samples">>;
}

/** Keys for the help. */
export const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["←", "→"], "one grid back or forward in time (with Shift: ten)"],
  [["Home", "End"], "the first grid; the newest, which then follows the training"],
  [["h"], "home: the table of all runs"],
  [["j", "k"], "next or previous run of the list; those it is compared with stay"],
  [["n", "p"], "next or previous image"],
  [["a", "g", "r"], "averaged, generated or real images"],
  [["d"], "of runs that are compared: the first two grids, one over the other"],
  [["?"], "this help"],
];

/**
 * What `event` asks for; undefined when it is none of ours, or belongs to a field that has the
 * focus.
 */
export function keyAction(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "target">,
  state: KeyState,
): KeyAction {
  if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return undefined;
  const { view } = state;
  switch (event.key) {
    case "?":
      return "help";
    case "ArrowLeft":
      return inTime(state, event.shiftKey ? -10 : -1);
    case "ArrowRight":
      return inTime(state, event.shiftKey ? 10 : 1);
    case "Home":
      return inTime(state, Number.NEGATIVE_INFINITY);
    case "End":
      return { step: undefined };
    case "h":
      return { run: undefined, with: [], step: undefined, range: undefined };
    case "j":
      return otherRun(state, 1);
    case "k":
      return otherRun(state, -1);
    case "n":
      return { image: view.image + 1 };
    case "p":
      return { image: Math.max(0, view.image - 1) };
    case "a":
      return { shown: "averaged" };
    case "g":
      return { shown: "fake" };
    case "r":
      return { shown: "real" };
    default:
      return undefined;
  }
}

/** The grid so many further on; at the newest, the view follows the training again. */
export function inTime({ view, details }: KeyState, by: number): Partial<View> | undefined {
  const samples = (view.run !== undefined && details.get(view.run)?.samples) || [];
  const now = atStep(samples, view.step);
  if (!now) return undefined;
  const next = Math.max(0, samples.indexOf(now) + by);
  return { step: next >= samples.length - 1 ? undefined : samples[next]!.step };
}

/**
 * The next run of the list as it is filtered; others that are compared stay, and are passed over.
 */
function otherRun({ view, runs = [], filter, common }: KeyState, by: number): Partial<View> | undefined {
  if (view.run === undefined) return undefined;
  const at = runs.findIndex(({ id }) => id === view.run);
  const ahead = by > 0 ? runs.slice(at + 1) : runs.slice(0, Math.max(0, at)).reverse();
  const run = ahead.find((one) => matches(one, filter, common) && !view.with.includes(one.id))?.id;
  if (run === undefined) return undefined;
  return view.with.length > 0 ? { run } : { run, step: undefined, range: undefined };
}

function takesKeys(target: EventTarget | null): boolean {
  const { tagName, type } = (target ?? {}) as { tagName?: string; type?: string };
  if (tagName === "TEXTAREA" || tagName === "SELECT" || tagName === "DIALOG") return true;
  return tagName === "INPUT" && type !== "checkbox";
}

/**
 * Keys of a chart that has the focus: a cursor that goes from value to value, and a part of the
 * axis that is marked.
 */

/** Where the keys are: indexes of values. */
export interface BrushState {
  readonly at: number | undefined;
  /** Where marking began. */
  readonly anchor: number | undefined;
}

/**
 * What a key does to it, and what it asks for: the marked part alone, all of the axis, or the value
 * itself.
 */
export interface BrushStep {
  readonly state: BrushState;
  readonly action?: readonly [first: number, last: number] | "all" | "pick";
}

/** Values that a page key goes over. */
const PAGE = 10;

/**
 * What a key does to the place and the range marked in a chart.
 * @param first index of the first value on view
 * @param last of the last one
 * @returns undefined for a key that is none of the chart's
 */
export function brushKey(
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
  { at, anchor }: BrushState,
  first: number,
  last: number,
): BrushStep | undefined {
  const inside = (index: number): number => Math.min(last, Math.max(first, index));
  const now = at === undefined ? undefined : inside(at);
  const moves: Readonly<Record<string, number | undefined>> = {
    ArrowRight: now === undefined ? first : now + 1,
    ArrowLeft: now === undefined ? last : now - 1,
    PageDown: (now ?? first) + PAGE,
    PageUp: (now ?? last) - PAGE,
    Home: first,
    End: last,
  };
  const to = Object.hasOwn(moves, key) ? moves[key] : undefined;
  if (to !== undefined)
    return { state: { at: inside(to), anchor: shiftKey ? (anchor ?? now ?? inside(to)) : undefined } };
  if (key === "Escape")
    return anchor === undefined
      ? { state: { at: undefined, anchor }, action: "all" }
      : { state: { at: now, anchor: undefined } };
  if (key !== "Enter" || now === undefined) return undefined;
  if (anchor === undefined || anchor === now)
    return { state: { at: now, anchor: undefined }, action: "pick" };
  return {
    state: { at: now, anchor: undefined },
    action: [Math.min(anchor, now), Math.max(anchor, now)],
  };
}

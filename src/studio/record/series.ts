/**
 * The curves of a run in bounded memory. Steps are gathered into at most `MAX_BUCKETS` buckets of
 * equal width; when there are more, the width doubles and neighbors are joined. Every bucket keeps
 * count, sum, min and max of each curve, so nothing that sticks out is lost, and joining is
 * exact: the same record gives the same buckets however it was read. Free of Node APIs: the page
 * uses it too.
 */

/** More than a screen has pixels for a chart. */
export const MAX_BUCKETS = 1024;

/** One curve: a number a bucket; a count of 0 where it has no value. */
export interface Column {
  readonly count: number[];
  readonly sum: number[];
  readonly min: number[];
  readonly max: number[];
}

/** Curves over the same steps. Mutable: `addStep` fills it. */
export interface StepSeries {
  /** Steps a bucket spans; a power of two. Bucket of step s: ⌊(s − 1) / width⌋. */
  width: number;
  /** The bucket's place, ascending. */
  readonly keys: number[];
  readonly columns: Record<string, Column>;
}

/** Without any step. */
export const emptySeries = (): StepSeries => ({ width: 1, keys: [], columns: {} });

/**
 * Take in the numbers of a step. Steps must not go backwards. Numbers that are not finite are left
 * out.
 */
export function addStep(series: StepSeries, step: number, values: Readonly<Record<string, number>>): void {
  const key = Math.floor((step - 1) / series.width);
  const { keys, columns } = series;
  if (keys.at(-1) !== key) {
    keys.push(key);
    for (const column of Object.values(columns)) pushEmpty(column);
  }
  const at = keys.length - 1;
  for (const name in values) {
    const value = values[name]!;
    if (!Number.isFinite(value)) continue;
    columns[name] ??= emptyColumn(keys.length);
    const { count, sum, min, max } = columns[name];
    count[at]!++;
    sum[at]! += value;
    if (value < min[at]! || count[at] === 1) min[at] = value;
    if (value > max[at]! || count[at] === 1) max[at] = value;
  }
  if (keys.length > MAX_BUCKETS) halve(series);
}

/** Double the width and join the buckets that now have one place. */
function halve(series: StepSeries): void {
  const { keys, columns } = series;
  series.width *= 2;
  const old = keys.splice(0).map((key) => Math.floor(key / 2));
  const copies = Object.values(columns).map((column) => ({
    column,
    from: {
      count: column.count.splice(0),
      sum: column.sum.splice(0),
      min: column.min.splice(0),
      max: column.max.splice(0),
    },
  }));
  for (const [i, key] of old.entries()) {
    const joins = keys.at(-1) === key;
    if (!joins) keys.push(key);
    const at = keys.length - 1;
    for (const { column, from } of copies) {
      if (!joins) pushEmpty(column);
      if (from.count[i] === 0) continue;
      const first = column.count[at] === 0;
      column.count[at]! += from.count[i]!;
      column.sum[at]! += from.sum[i]!;
      column.min[at] = first ? from.min[i]! : Math.min(column.min[at]!, from.min[i]!);
      column.max[at] = first ? from.max[i]! : Math.max(column.max[at]!, from.max[i]!);
    }
  }
}

function emptyColumn(length: number): Column {
  const zeros = () => new Array<number>(length).fill(0);
  return { count: zeros(), sum: zeros(), min: zeros(), max: zeros() };
}

function pushEmpty(column: Column): void {
  for (const numbers of Object.values(column) as number[][]) numbers.push(0);
}

/** A curve as it is drawn. */
export interface Curve {
  readonly mean: readonly (number | null)[];
  /** Absent while a bucket is a step: they equal the mean. */
  readonly min?: readonly (number | null)[];
  readonly max?: readonly (number | null)[];
}

/**
 * Curves as they are sent: the buckets from `from` on replace those that the receiver has of them.
 */
export interface CurveSet {
  readonly width: number;
  /** Step at the end of each bucket. */
  readonly steps: readonly number[];
  readonly curves: Readonly<Record<string, Curve>>;
}

/**
 * Curves from the bucket with place `from` on.
 * @param lastStep the last step of the run: the end of a bucket that is not full yet
 */
export function curvesOf({ width, keys, columns }: StepSeries, lastStep: number, from = 0): CurveSet {
  let start = keys.length;
  while (start > 0 && keys[start - 1]! >= from) start--;
  const part = (column: Column, pick: (i: number) => number): (number | null)[] => {
    const numbers: (number | null)[] = [];
    for (let i = start; i < keys.length; i++)
      numbers.push(column.count[i] === 0 ? null : Number(pick(i).toPrecision(6)));
    return numbers;
  };
  const curves: Record<string, Curve> = {};
  for (const [name, column] of Object.entries(columns))
    curves[name] = {
      mean: part(column, (i) => column.sum[i]! / column.count[i]!),
      ...(width > 1 && {
        min: part(column, (i) => column.min[i]!),
        max: part(column, (i) => column.max[i]!),
      }),
    };
  const steps = keys.slice(start).map((key) => Math.min((key + 1) * width, lastStep));
  return { width, steps, curves };
}

/**
 * Put the end of a run's curves in the place of what is known of it.
 * @returns undefined when the buckets have another width: then all of it is needed anew
 */
export function withTail(known: CurveSet, tail: CurveSet): CurveSet | undefined {
  if (known.width !== tail.width) return undefined;
  const first = tail.steps[0];
  if (first === undefined) return known;
  const place = (step: number): number => Math.floor((step - 1) / known.width);
  let kept = known.steps.length;
  while (kept > 0 && place(known.steps[kept - 1]!) >= place(first)) kept--;
  const names = new Set([...Object.keys(known.curves), ...Object.keys(tail.curves)]);
  const join = (name: string, key: keyof Curve): (number | null)[] => [
    ...padded(known.curves[name]?.[key]?.slice(0, kept), kept),
    ...padded(tail.curves[name]?.[key], tail.steps.length),
  ];
  const curves: Record<string, Curve> = {};
  for (const name of names)
    curves[name] = {
      mean: join(name, "mean"),
      ...(known.width > 1 && { min: join(name, "min"), max: join(name, "max") }),
    };
  return { width: known.width, steps: [...known.steps.slice(0, kept), ...tail.steps], curves };
}

const padded = (
  numbers: readonly (number | null)[] | undefined,
  length: number,
): readonly (number | null)[] => numbers ?? new Array<null>(length).fill(null);

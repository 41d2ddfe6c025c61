/**
 * The file of a sweep: which runs to make. A grid is a list of values for some configuration paths;
 * every combination is a point, and every point is trained once for each seed. What one table of
 * the paper needs is a grid (its robustness study) or a list of named points (its comparison of
 * four models).
 */
import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { checkedValue } from "../base/schema.ts";
import { formatCount } from "../base/text/format/index.ts";
import { parseYamlValue } from "../base/text/yaml.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/**
 * Values by path. zod passes over `__proto__` without a word; it is a path that does not exist,
 * like any other.
 */
const byPath = <T extends z.ZodType>(value: T) =>
  z
    .unknown()
    .refine((given) => given === null || typeof given !== "object" || !Object.hasOwn(given, "__proto__"), {
      error: 'Unknown configuration path "__proto__"',
    })
    .pipe(z.record(z.string(), value));
const values = byPath(scalar);

const schema = z.strictObject({
  description: z.string().optional(),
  /** As `train DATA`; none for the built-in images. */
  data: z.string().optional(),
  preset: z.string().optional(),
  steps: z.int().min(1).optional(),
  /** For every point. */
  set: values.default({}),
  grid: byPath(z.array(scalar).min(1)).default({}),
  points: z
    .array(
      z.strictObject({ name: z.string().min(1), preset: z.string().optional(), set: values.default({}) }),
    )
    .min(1)
    .optional(),
  seeds: z.array(z.int().min(0)).min(1).default([1]),
});

/** A sweep as it was written. */
export type SweepFile = z.output<typeof schema>;

/** Label of the only variation of a file without grid and points. */
export const NO_LABEL = "all";

/** One combination of values, before its seed and before it is resolved to a configuration. */
export interface Variation {
  /**
   * What sets it apart from the others, for people: `objective.loss=hinge, optimizer.beta1=0`, or
   * the name given to it.
   */
  readonly label: string;
  readonly preset: string | undefined;
  /** By path. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Which part of the file a path's value is from. */
  readonly part: (path: string) => "set" | "grid" | "points";
}

/**
 * Read the text of a sweep file.
 * @param where its name, for messages
 * @throws UserError when it is not YAML, has unknown keys, or values of the wrong kind
 */
export function parseSweep(text: string, where: string): SweepFile {
  const checked = { where, hint: EXAMPLE, byHand: true };
  const file = checkedValue(schema, parseYamlValue(text, checked) ?? {}, checked);
  refuseTooMany(file, where);
  return file;
}

/**
 * Each is resolved to a configuration before anything is trained; a table of the paper has some
 * hundreds.
 */
const MAX_RUNS = 10_000;

/**
 * Counted before anything is built.
 * @throws UserError with the number of runs, when they are too many
 */
function refuseTooMany({ grid, points, seeds }: SweepFile, where: string): void {
  const lengths = [...Object.values(grid), points ?? [1], seeds].map(({ length }) => length);
  const runs = lengths.reduce((product, length) => product * length, 1);
  if (runs <= MAX_RUNS && lengths.length <= MAX_RUNS) return;
  throw new UserError(
    `${where} stands for ${Number.isSafeInteger(runs) ? formatCount(runs) : "more than 10^15"} runs (${lengths.length > 20 ? `${formatCount(lengths.length)} lists` : lengths.map(formatCount).join(" × ")}); a sweep has ${formatCount(MAX_RUNS)} at most.`,
    "Shorten the lists under grid, points and seeds, or make several sweeps of it.",
  );
}

const EXAMPLE = `A sweep looks like this:
  data: cifar10:/data/cifar-10-batches-bin
  preset: paper/cifar10/ssgan
  steps: 10000
  grid:
    objective.selfSupervision: [rotation, none]
    optimizer.beta1: [0, 0.5]
  seeds: [1, 2, 3]`;

/**
 * Every combination, the last path of the grid changing fastest; each named point with each
 * combination of the grid.
 * @throws UserError when a path is given both in the grid and in a point
 */
export function variations(file: SweepFile): Variation[] {
  const axes = Object.entries(file.grid);
  let combinations: Record<string, unknown>[] = [{}];
  for (const [path, choices] of axes)
    combinations = combinations.flatMap((before) => choices.map((value) => ({ ...before, [path]: value })));
  const points: NonNullable<SweepFile["points"]> = file.points ?? [{ name: "", set: {} }];
  return points.flatMap((point) => {
    const twice = Object.keys(point.set).find((path) => Object.hasOwn(file.grid, path));
    if (twice !== undefined)
      throw new UserError(
        `${twice} is given both in the grid and in the point ${point.name}.`,
        "Leave one of them out.",
      );
    return combinations.map((combination): Variation => {
      const parts = Object.entries(combination).map(([path, value]) => `${path}=${String(value)}`);
      return {
        label: [...(point.name ? [point.name] : []), ...parts].join(", ") || NO_LABEL,
        preset: point.preset ?? file.preset,
        values: { ...file.set, ...point.set, ...combination },
        part: (path) =>
          Object.hasOwn(combination, path) ? "grid" : Object.hasOwn(point.set, path) ? "points" : "set",
      };
    });
  });
}

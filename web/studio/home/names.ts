/**
 * Long names of runs made short: what they have in common is said once, what differs is what is
 * shown.
 */

/** Characters that names must have in common for it to be worth leaving out. */
const WORTH = 6;

/**
 * The section of a configuration's path: of `optimizer.learningRate=0.001` the last name says
 * enough.
 */
const SECTION = /^\w+\.(?=\w+=)/;

/**
 * Parts of a name, each with what separates it from the next: `rate=0.001,`, `seed=2`. Signs of
 * exponents separate nothing.
 */
const partsOf = (name: string): string[] =>
  name.match(/(?:[^\s,;/_-]|(?<=\de)-(?=\d))+[\s,;/_-]*|[\s,;/_-]+/gi) ?? [];

/**
 * Names without what all of them have in common, `…` in its place; as they are where that would
 * save little or where nothing would be left of one.
 * @param names different from one another
 */
export function shortNames(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  const all = names.map(partsOf);
  const fewest = Math.min(...all.map((parts) => parts.length));
  const isCommon = (at: (parts: readonly string[]) => string | undefined): boolean =>
    all.every((parts) => at(parts) === at(all[0]!));
  let first = 0;
  while (first < fewest - 1 && isCommon((parts) => parts[first])) first++;
  let last = 0;
  while (last < fewest - first - 1 && isCommon((parts) => parts[parts.length - 1 - last])) last++;
  // Names with equally many parts may have some in common between those that differ.
  const aligned = all.every((parts) => parts.length === all[0]!.length);
  const common = all[0]!.map((_, i) => isCommon((parts) => parts[i]));
  const short = all.map((parts) => {
    const kept = parts.slice(first, parts.length - last);
    const shown = (aligned ? kept.map((part, i) => (common[first + i] ? undefined : part)) : kept).map(
      (part) => part?.replace(SECTION, ""),
    );
    return joined([...(first > 0 ? [undefined] : []), ...shown, ...(last > 0 ? [undefined] : [])]);
  });
  const saved = Math.min(...names.map((name, i) => name.length - short[i]!.length));
  return saved < WORTH || new Set(short).size < names.length ? names : short;
}

/** Parts with one `…` for those in a row that are left out. */
function joined(parts: readonly (string | undefined)[]): string {
  let text = "";
  for (const part of parts) {
    if (part !== undefined) text += part;
    else if (!text.endsWith("…")) text = `${text.replace(/[\s,;/_-]+$/, "")}${text === "" ? "" : " "}…`;
  }
  return text.replace(/[\s,;/_-]+(…?)$/, " $1").trim();
}

/**
 * A text of so many letters at most: what is too long loses its middle, as both ends of a name tell
 * it from others.
 */
export function within(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(-end)}`;
}

/** A row of a list of runs. */
export interface NamedRow {
  readonly id: string;
  /** What is shown of its name. */
  readonly name: string;
  /** Said above it: what the names of this row and of those that follow have in common. */
  readonly heading: string | undefined;
}

/**
 * Rows of a list, in its order: neighbors that begin alike, as the runs of a sweep do, show what
 * differs below what they have in common.
 */
export function namedRows(ids: readonly string[]): readonly NamedRow[] {
  const rows: NamedRow[] = [];
  for (let from = 0; from < ids.length; ) {
    const family = familyOf(ids[from]!);
    let to = from + 1;
    while (to < ids.length && familyOf(ids[to]!) === family) to++;
    const some = ids.slice(from, to);
    const short = shortNames(some);
    for (const [i, id] of some.entries())
      rows.push({ id, name: short[i]!, heading: i === 0 && short[0] !== id ? headingOf(some) : undefined });
    from = to;
  }
  return rows;
}

/**
 * What is shown of each name where they stand by themselves: what differs in their family, unless
 * that would be alike in two families.
 */
export function familyNames(ids: readonly string[]): readonly string[] {
  const families = new Map<string, string[]>();
  for (const id of ids) families.set(familyOf(id), [...(families.get(familyOf(id)) ?? []), id]);
  const short = new Map(
    [...families.values()].flatMap((some) => {
      const names = shortNames(some);
      return some.map((id, i) => [id, names[i]!] as const);
    }),
  );
  const names = ids.map((id) => short.get(id)!);
  return new Set(names).size === ids.length ? names : ids;
}

/** Runs of one folder whose names begin with the same part. */
function familyOf(id: string): string {
  const at = id.lastIndexOf("/") + 1;
  return id.slice(0, at) + (partsOf(id.slice(at))[0] ?? "");
}

/** The parts with which all names begin. */
function headingOf(names: readonly string[]): string {
  const [first = [], ...others] = names.map(partsOf);
  let common = 0;
  while (common < first.length - 1 && others.every((parts) => parts[common] === first[common])) common++;
  return `${first.slice(0, common).join("")}…`;
}

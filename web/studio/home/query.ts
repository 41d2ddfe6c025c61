/**
 * The query of the table of runs: `alpha<0.5 norm=batch fid<20 state:failed`, one condition after
 * another, all of which hold.
 */
import type { RunOverview } from "../../../src/studio/protocol.ts";
import { STATE_WORDS } from "../words.ts";

/** What of a run can be asked for. */
export type QueriedRun = Pick<RunOverview, "id"> & Partial<RunOverview>;
/** Values that all runs have in common, by path. */
export type Common = Readonly<Record<string, unknown>>;

type Value = string | number;
interface Field {
  readonly what: string;
  /** A share, which the table shows in percent: 80 and 80% are 0.8. */
  readonly share?: true;
  readonly values: (run: QueriedRun) => readonly (Value | undefined)[];
}

const field = (what: string, values: Field["values"]): Field => ({ what, values });

const share = (what: string, values: Field["values"]): Field => ({ what, values, share: true });
/** A share above this was typed in percent. */
const PERCENT_FROM = 3;

/** Names of their own; any other one is the end of a configuration's path. */
const FIELDS: ReadonlyMap<string, Field> = new Map(
  Object.entries({
    name: field("its name", ({ id }) => [id]),
    state: field("what it is doing", ({ state }) => [state, state && STATE_WORDS[state].toLowerCase()]),
    tag: field("a tag", ({ tags = [] }) => tags),
    note: field("the first line of its note", ({ note }) => [note]),
    is: field("archived, or warned", ({ archived, warnings = 0 }) => [
      archived ? "archived" : undefined,
      warnings > 0 ? "warned" : undefined,
    ]),
    step: field("steps done", ({ step }) => [step]),
    fid: field("FID", ({ fid }) => [fid?.value]),
    task: share("task accuracy (real): of SS-GAN how often the rotation is told", ({ quantities }) => [
      quantities?.taskAccuracyReal,
    ]),
    rotation: share("the same", ({ quantities }) => [quantities?.taskAccuracyReal]),
    diversity: share("diversity of figures", ({ quantities }) => [quantities?.figures]),
    speed: field("images a second", ({ quantities }) => [quantities?.speed]),
    warnings: field("warnings", ({ warnings }) => [warnings]),
  }),
);

const OPERATORS = ["<=", ">=", "!=", "<", ">", "=", ":"] as const;
type Operator = (typeof OPERATORS)[number];

/** A condition as it was typed. */
interface Term {
  readonly text: string;
  readonly not: boolean;
  readonly name: string;
  readonly operator: Operator | undefined;
  readonly value: string;
}

const WORD = /-?(?:[^\s"]|"[^"]*"?)+/g;
const PARTS = /^(-?)([^<>=!:"]+?)(<=|>=|!=|<|>|=|:)(.*)$/s;
const unquoted = (text: string): string => text.replaceAll('"', "");

function termOf(text: string): Term {
  const parts = PARTS.exec(text);
  if (!parts) {
    const not = text.startsWith("-") && text.length > 1;
    return { text, not, name: "", operator: undefined, value: unquoted(not ? text.slice(1) : text) };
  }
  const [, minus, name = "", operator, value = ""] = parts;
  return { text, not: minus === "-", name, operator: operator as Operator, value: unquoted(value) };
}

/** What a name stands for in a run: the values of all paths that end with it. */
function valuesOf(name: string, run: QueriedRun, common: Common): readonly Value[] {
  const own = FIELDS.get(name.toLowerCase());
  const isNamed = (path: string): boolean => path === name || path.endsWith(`.${name}`);
  const found = own
    ? own.values(run)
    : [...Object.entries(run.config ?? {}), ...Object.entries(common)].flatMap(([path, value]) =>
        isNamed(path) ? [typeof value === "number" ? value : value === null ? "none" : String(value)] : [],
      );
  return found.filter((value) => value !== undefined);
}

/** 0.5, 50%, 1e-4; undefined for what is no number. */
function numberOf(text: string): number | undefined {
  const percent = text.endsWith("%");
  const plain = (percent ? text.slice(0, -1) : text).replaceAll(",", "");
  const value = plain.trim() === "" ? Number.NaN : Number(plain);
  return Number.isNaN(value) ? undefined : percent ? value / 100 : value;
}

function holds(value: Value, operator: Operator, wanted: string, isShare: boolean): boolean {
  const typed = numberOf(wanted);
  const number = isShare && typed !== undefined && typed > PERCENT_FROM ? typed / 100 : typed;
  if (typeof value === "string" || number === undefined) {
    const [a, b] = [String(value).toLowerCase(), wanted.toLowerCase()];
    if (operator === ":") return a.includes(b);
    return operator === "=" ? a === b : operator === "!=" ? a !== b : false;
  }
  switch (operator) {
    case "<":
      return value < number;
    case "<=":
      return value <= number;
    case ">":
      return value > number;
    case ">=":
      return value >= number;
    case "!=":
      return value !== number;
    default:
      return value === number;
  }
}

function fits(term: Term, run: QueriedRun, common: Common): boolean {
  const { operator, value, name, not } = term;
  if (operator === undefined) return run.id.toLowerCase().includes(value.toLowerCase()) !== not;
  // Not finished yet: what is typed next decides.
  if (value === "") return true;
  const values = valuesOf(name, run, common);
  const isShare = FIELDS.get(name.toLowerCase())?.share === true;
  const all =
    operator === "!="
      ? values.length > 0 && values.every((one) => holds(one, "!=", value, isShare))
      : undefined;
  return (all ?? values.some((one) => holds(one, operator, value, isShare))) !== not;
}

let last: { readonly text: string; readonly terms: readonly Term[] } = { text: "", terms: [] };
const termsOf = (text: string): readonly Term[] => {
  if (last.text !== text) last = { text, terms: (text.match(WORD) ?? []).map(termOf) };
  return last.terms;
};

/** Whether a run is among those that a query asks for. */
export const matches = (run: QueriedRun, query: string, common: Common = {}): boolean =>
  termsOf(query).every((term) => fits(term, run, common));

/** Names in a query that no run has a value of. */
export function unknownNames(query: string, runs: readonly QueriedRun[], common: Common): readonly string[] {
  return termsOf(query).flatMap(({ name, operator }) =>
    operator === undefined ||
    FIELDS.has(name.toLowerCase()) ||
    runs.some((run) => valuesOf(name, run, common).length > 0)
      ? []
      : [name],
  );
}

/** Something that a query may go on with. */
export interface Completion {
  /** The query with it. */
  readonly query: string;
  readonly caret: number;
  /** What is shown: the name or the value, and what it is. */
  readonly text: string;
  readonly what: string;
}

const MAX_OFFERED = 8;

/** What the word at `caret` may become: a name, or behind an operator a value that some run has. */
export function completions(
  query: string,
  caret: number,
  runs: readonly QueriedRun[],
  common: Common,
): readonly Completion[] {
  const start = query.slice(0, caret).search(/(?:[^\s"]|"[^"]*"?)*$/);
  const end = caret + query.slice(caret).search(/\s|$/);
  const term = termOf(query.slice(start, caret));
  const put = (word: string, text: string, what: string): Completion => ({
    ...{ text, what, caret: start + word.length },
    query: query.slice(0, start) + word + query.slice(end),
  });
  if (term.operator === undefined) {
    const minus = term.not ? "-" : "";
    return namesIn(runs)
      .filter(([name]) => name.toLowerCase().startsWith(term.value.toLowerCase()))
      .slice(0, MAX_OFFERED)
      .map(([name, what, numeric]) => put(`${minus}${name}${numeric ? "<" : ":"}`, name, what));
  }
  const { name, operator, value, not } = term;
  const values = new Set(runs.flatMap((run) => valuesOf(name, run, common)));
  if (values.size > 0 && [...values].every((one) => typeof one === "number") && values.size > 12) return [];
  return [...values]
    .sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1))
    .map(String)
    .filter((one) => one.toLowerCase().startsWith(value.toLowerCase()) && one !== value)
    .slice(0, MAX_OFFERED)
    .map((one) => put(`${not ? "-" : ""}${name}${operator}${/\s/.test(one) ? `"${one}"` : one} `, one, name));
}

/** All names, those of values that differ among the runs first. */
function namesIn(
  runs: readonly QueriedRun[],
): readonly (readonly [name: string, what: string, numeric: boolean])[] {
  const paths = new Set(runs.flatMap((run) => Object.keys(run.config ?? {})));
  const isNumeric = (path: string) => runs.some((run) => typeof run.config?.[path] === "number");
  const numeric = new Set(["step", "fid", "task", "rotation", "diversity", "speed", "warnings"]);
  return [
    ...[...paths].map((path) => [path.split(".").at(-1)!, path, isNumeric(path)] as const),
    ...[...FIELDS].map(([name, { what }]) => [name, what, numeric.has(name)] as const),
  ];
}

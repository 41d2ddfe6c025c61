/**
 * What the page shows, as the end of its address: a link shows the same to somebody else, and
 * "back" goes back.
 */
import { MAX_WATCHED } from "../../src/studio/protocol.ts";
import { AXES, type AxisKind } from "../common/axis.ts";
import { CHART_TOGGLES, type ChartToggle } from "../common/toggles.ts";

/** Which of the fixed images. `averaged`: through the averaged weights. */
export type Shown = "averaged" | "fake" | "real";

/**
 * How the map of features is made: along principal components, or so that neighbors stay neighbors.
 */
export const MAPS = ["components", "neighbors"] as const;
export type MapKind = (typeof MAPS)[number];

/** The views of the page's home. */
const TABS = ["table", "sweep"] as const;

/** The state of the page. */
export interface View {
  /** The run that is looked at; undefined: the table of all. */
  readonly run: string | undefined;
  /** Runs it is compared with. */
  readonly with: readonly string[];
  /**
   * What the table is asked for, what it is sorted by (see columns.ts), and whether archived runs
   * are in it.
   */
  readonly query: string;
  readonly sort: string | undefined;
  readonly archived: boolean;
  readonly tab: (typeof TABS)[number];
  /** What runs of a sweep are measured by, a column's key; undefined: the usual one. */
  readonly metric: string | undefined;
  /** Step of the grid; undefined follows the newest. */
  readonly step: number | undefined;
  /** What runs along the bottom of the charts. */
  readonly along: AxisKind;
  /** First and last place on it that the charts show; undefined: all of them. */
  readonly range: readonly [first: number, last: number] | undefined;
  /** 0 … 0.99 */
  readonly smoothing: number;
  /** Image of the grid, from 0. */
  readonly image: number;
  readonly shown: Shown;
  /** The checkpoint whose discriminator is looked into; `newest`, or not at all. */
  readonly inside: number | "newest" | undefined;
  readonly map: MapKind;
  /** Which line of a chart is compared, by the chart's title; of those left out the usual one. */
  readonly lines: Readonly<Record<string, string>>;
  /** What was switched at charts, by their titles. */
  readonly switched: Readonly<Record<string, readonly ChartToggle[]>>;
}

/** Where everybody begins. */
export const START: View = {
  run: undefined,
  with: [],
  query: "",
  sort: undefined,
  archived: false,
  tab: "table",
  metric: undefined,
  step: undefined,
  along: "step",
  range: undefined,
  smoothing: 0.6,
  image: 0,
  shown: "averaged",
  inside: undefined,
  map: "components",
  lines: {},
  switched: {},
};

/** Read the end of an address (`#run=…`). What makes no sense is left as at the start. */
export function parseView(hash: string): View {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (name: string): number | undefined => {
    const value = Number(values.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= 0 ? value : undefined;
  };
  const smoothing = Number(values.get("smooth") ?? START.smoothing);
  const shown = values.get("show");
  return {
    run: values.get("run") ?? undefined,
    with: values
      .getAll("with")
      .filter((id) => id !== "")
      .slice(0, MAX_WATCHED - 1),
    query: values.get("q") ?? START.query,
    sort: values.get("sort") || undefined,
    archived: values.get("archived") === "1",
    tab: TABS.find((tab) => tab === values.get("tab")) ?? START.tab,
    metric: values.get("by") || undefined,
    step: whole("step"),
    along: AXES.find((kind) => kind === values.get("along")) ?? START.along,
    range: parseRange(values.get("x") ?? ""),
    smoothing: smoothing >= 0 && smoothing <= 0.99 ? smoothing : START.smoothing,
    image: whole("image") ?? START.image,
    shown: shown === "fake" || shown === "real" ? shown : START.shown,
    inside: values.get("inside") === "newest" ? "newest" : whole("inside"),
    map: MAPS.find((kind) => kind === values.get("map")) ?? START.map,
    lines: Object.fromEntries(values.getAll("line").flatMap(parsePair)),
    switched: Object.fromEntries(values.getAll("chart").flatMap(parsePair).flatMap(parseSwitched)),
  };
}

/** The end of the address of a view: only what differs from the start. */
export function formatView(view: View): string {
  const values = new URLSearchParams();
  if (view.run !== undefined) values.set("run", view.run);
  for (const id of view.with) values.append("with", id);
  if (view.query !== "") values.set("q", view.query);
  if (view.sort) values.set("sort", view.sort);
  if (view.archived) values.set("archived", "1");
  if (view.tab !== START.tab) values.set("tab", view.tab);
  if (view.metric) values.set("by", view.metric);
  if (view.step !== undefined) values.set("step", String(view.step));
  if (view.along !== START.along) values.set("along", view.along);
  if (view.range) values.set("x", view.range.join("-"));
  if (view.smoothing !== START.smoothing) values.set("smooth", String(view.smoothing));
  if (view.image !== START.image) values.set("image", String(view.image));
  if (view.shown !== START.shown) values.set("show", view.shown);
  if (view.inside !== undefined) values.set("inside", String(view.inside));
  if (view.map !== START.map) values.set("map", view.map);
  for (const [chart, line] of Object.entries(view.lines)) values.append("line", `${chart}/${line}`);
  for (const [chart, toggles] of Object.entries(view.switched))
    if (toggles.length > 0) values.append("chart", `${chart}/${toggles.join(".")}`);
  return `#${values}`;
}

/** `20-60` */
function parseRange(text: string): View["range"] {
  const [, first, last] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return first !== undefined && Number(first) < Number(last) ? [Number(first), Number(last)] : undefined;
}

/** `Losses/generator`; no title has a stroke in it. */
function parsePair(text: string): [chart: string, what: string][] {
  const stroke = text.indexOf("/");
  return stroke > 0 && stroke < text.length - 1 ? [[text.slice(0, stroke), text.slice(stroke + 1)]] : [];
}

/** `["Losses", "log.large"]` */
function parseSwitched([chart, text]: [string, string]): [chart: string, toggles: ChartToggle[]][] {
  const toggles = text.split(".").flatMap((word) => CHART_TOGGLES.find((toggle) => toggle === word) ?? []);
  return toggles.length > 0 ? [[chart, [...new Set(toggles)]]] : [];
}

/**
 * The element at or before `step` of a list in the order of steps; the last one when `step` is
 * undefined.
 */
export function atStep<T extends { readonly step: number }>(
  all: readonly T[],
  step: number | undefined,
): T | undefined {
  if (step === undefined) return all.at(-1);
  return all.findLast((one) => one.step <= step) ?? all[0];
}

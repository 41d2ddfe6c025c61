/** The live table of several runs on a terminal: a line a run, redrawn in place. */
import { join } from "node:path";
import { formatCount, formatDuration } from "../../base/text/format/index.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { PointState } from "../../sweep/pool.ts";
import { readLastStep } from "../../training/evaluation/metrics.node.ts";
import type { Output } from "./output.ts";

/** A run as the table shows it. */
export interface BoardRow {
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly state: PointState["kind"];
  readonly step: number;
  readonly steps: number;
  /** NaN while unknown. */
  readonly secondsLeft: number;
}

/** Which rows are shown where there is no room for all: what moves and what went wrong. */
const URGENCY: Readonly<Record<PointState["kind"], number>> = {
  running: 0,
  retrying: 0,
  failed: 1,
  interrupted: 2,
  elsewhere: 3,
  waiting: 4,
  done: 5,
};

const BAR = 16;

/**
 * The table as lines of at most `columns` characters, at most `max` of them: each run in its place,
 * or where there are too many of them the most urgent and a count of the others. The last line
 * counts them all.
 */
export function boardLines(rows: readonly BoardRow[], columns: number, max: number): string[] {
  const room = Math.max(1, max - 1);
  const urgent = [...rows].sort((a, b) => URGENCY[a.state] - URGENCY[b.state]).slice(0, room);
  const shown = rows.filter((row) => urgent.includes(row));
  const width = Math.max(0, ...shown.map(({ label }) => label.length));
  const lines = shown.map((row) => {
    const share = Math.min(1, row.step / Math.max(1, row.steps));
    const bar = "█".repeat(Math.floor(share * BAR)).padEnd(BAR, "░");
    const left = row.state === "running" ? `${formatDuration(row.secondsLeft)} left` : row.state;
    return `${row.id}  ${row.label.padEnd(width)}  seed ${row.seed}  ${bar} ${formatCount(row.step)}/${formatCount(row.steps)}  ${left}`;
  });
  const count = (...states: PointState["kind"][]): number =>
    rows.filter(({ state }) => states.includes(state)).length;
  const hidden = rows.length - shown.length;
  const total = `${count("done")} of ${rows.length} done · ${count("running", "retrying")} training · ${count("failed")} failed${hidden > 0 ? ` · ${hidden} not shown` : ""}`;
  return [...lines, total].map((line) => line.slice(0, columns));
}

/** A table on a terminal. */
export interface RunBoard {
  /** A run is in another state. */
  set(id: string, state: PointState["kind"]): void;
  close(): void;
}

const LOOK_EVERY = 1000;

/**
 * Draw a table of `points` on `output` until it is closed; nothing where lines cannot be redrawn.
 */
export function openRunBoard(points: readonly SweepPoint[], output: Output): RunBoard {
  if (!output.interactive) return { set: () => undefined, close: () => undefined };
  const states = new Map<string, PointState["kind"]>();
  const steps = new Map<string, number>();
  /** Where each run stood when it was first seen training: its speed is taken from there. */
  const begun = new Map<string, { readonly step: number; readonly time: number }>();
  let open = true;

  const rowOf = ({ id, label, seed, config }: SweepPoint): BoardRow => {
    const step = steps.get(id) ?? 0;
    const from = begun.get(id);
    const speed = from && (step - from.step) / ((performance.now() - from.time) / 1000);
    const secondsLeft = speed ? (config.training.steps - step) / speed : Number.NaN;
    return {
      id,
      label,
      seed,
      state: states.get(id) ?? "waiting",
      step,
      steps: config.training.steps,
      secondsLeft,
    };
  };
  const draw = (): void => {
    if (!open) return;
    output.status(boardLines(points.map(rowOf), output.columns, output.rows - 1).join("\n"));
  };
  const look = async (): Promise<void> => {
    for (const { id, dir } of points) {
      const seen = states.get(id);
      const moves = seen === "running" || seen === "elsewhere";
      if (seen === undefined || seen === "waiting" || (!moves && steps.has(id))) continue;
      const last = await readLastStep(join(dir, "metrics.jsonl")).catch(() => undefined);
      if (last === undefined) continue;
      steps.set(id, last.step);
      if (seen === "running" && !begun.has(id)) begun.set(id, { step: last.step, time: performance.now() });
    }
    draw();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY);
  return {
    set(id, state) {
      states.set(id, state);
      // Its last steps are still to be read.
      if (state !== "running") steps.delete(id);
      else begun.delete(id);
      void look();
    },
    close() {
      open = false;
      clearInterval(timer);
    },
  };
}

/**
 * Runs the points of a sweep on this machine, a few at a time. Each is an idempotent child, so the
 * pool remembers nothing: killed and started again it finds what is done, goes on with what is
 * begun, and begins the rest. Crashes are tried again after a pause that doubles; what the user
 * must put right is not. A new child is started only while there is room for one as large as the
 * largest so far. Points that another process trains (another pool, or the child of one that was
 * killed) come last: they are waited for, and taken over if they are left unfinished.
 */
import type { Child, ChildEnd, Environment, StartChild } from "./child.ts";
import type { SweepPoint } from "./plan.ts";

/** Where a point is. */
export type PointState =
  | { readonly kind: "waiting" }
  | { readonly kind: "running"; readonly attempt: number; readonly pid: number | undefined }
  | {
      readonly kind: "retrying";
      readonly attempt: number;
      readonly message: string;
      readonly seconds: number;
    }
  /** `already`: before the pool first looked at it. */
  | { readonly kind: "done"; readonly already: boolean }
  | { readonly kind: "failed"; readonly message: string; readonly mistake: boolean }
  /** Another process trains it; final only where the pool was stopped. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "interrupted" };

/** What the pool is given. */
export interface PoolOptions {
  readonly points: readonly SweepPoint[];
  /** Points at once. */
  readonly jobs: number;
  /** How often a crashed point is tried again. */
  readonly retries: number;
  /** Pause before the first retry in milliseconds. */
  readonly backOff: number;
  /** The command in front of a point's arguments: Node and the script. */
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly start: StartChild;
  /** Whether a point has all its steps. */
  isDone(point: SweepPoint): Promise<boolean>;
  /** Whether another process works on a point at this moment. */
  isTaken(point: SweepPoint): Promise<boolean>;
  /** Bytes that may still be used; children running have taken theirs already. */
  freeMemory(): number;
  /** The most memory a child has used so far; undefined if unknown. */
  peakMemory(pid: number | undefined): number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onState?: ((point: SweepPoint, state: PointState) => void) | undefined;
  /** Told once, when nothing is left but points of other processes: these are waited for. */
  readonly onWait?: ((points: readonly SweepPoint[]) => void) | undefined;
}

/** How each point ended, by id. */
export type PoolResult = ReadonlyMap<string, PointState>;

const LOOK_AGAIN = 250;
/** Room left free besides what the next child needs. */
const HEADROOM = 1.15;

/**
 * Run all points. Ends early when `signal` is aborted: children save, and what is not begun stays
 * waiting.
 */
export async function runPool(options: PoolOptions): Promise<PoolResult> {
  const { points, signal } = options;
  const states = new Map<string, PointState>(points.map(({ id }) => [id, { kind: "waiting" }]));
  const set = (point: SweepPoint, state: PointState): void => {
    states.set(point.id, state);
    options.onState?.(point, state);
  };
  const running = new Map<string, Child>();
  const stopAll = (): void => {
    for (const child of running.values()) child.stop();
  };
  signal?.addEventListener("abort", stopAll, { once: true });
  let largest = 0;
  const observe = (): void => {
    for (const { pid } of running.values()) largest = Math.max(largest, options.peakMemory(pid) ?? 0);
  };
  /** The first child is let through alone, so that the size of the next is known. */
  const hasRoom = (): boolean => {
    observe();
    return running.size === 0 || (largest > 0 && options.freeMemory() > largest * HEADROOM);
  };

  const queue = [...points];
  /** Found in the hands of other processes. */
  const taken: SweepPoint[] = [];
  let told = false;
  const tellWait = (): void => {
    if (told || running.size > 0) return;
    told = true;
    options.onWait?.(points.filter(({ id }) => states.get(id)?.kind === "elsewhere"));
  };
  const worker = async (): Promise<void> => {
    while (!signal?.aborted) {
      const again = queue.length === 0;
      const point = queue.shift() ?? taken.shift();
      if (point === undefined) return;
      if (await options.isDone(point)) {
        set(point, { kind: "done", already: !again });
        continue;
      }
      if (await options.isTaken(point)) {
        taken.push(point);
        if (!again) set(point, { kind: "elsewhere" });
        else {
          tellWait();
          await pause(LOOK_AGAIN, signal);
        }
        continue;
      }
      while (!hasRoom() && !signal?.aborted) await pause(LOOK_AGAIN, signal);
      if (signal?.aborted) return;
      await runPoint(point);
    }
  };
  const runPoint = async (point: SweepPoint): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const child = options.start([...options.command, ...point.arguments], options.environment);
      running.set(point.id, child);
      if (signal?.aborted) child.stop();
      set(point, { kind: "running", attempt, pid: child.pid });
      const watch = setInterval(observe, LOOK_AGAIN);
      let end: ChildEnd;
      try {
        end = await child.ended;
      } finally {
        clearInterval(watch);
        running.delete(point.id);
      }
      if (end.kind === "done") return set(point, { kind: "done", already: false });
      if (end.kind === "interrupted") return set(point, { kind: "interrupted" });
      if (end.kind === "refused") {
        // The other process was quicker.
        if (await options.isTaken(point)) {
          taken.push(point);
          return set(point, { kind: "elsewhere" });
        }
        return set(point, { kind: "failed", message: end.message, mistake: true });
      }
      if (signal?.aborted) return set(point, { kind: "interrupted" });
      if (attempt > options.retries)
        return set(point, { kind: "failed", message: end.message, mistake: false });
      const wait = options.backOff * 2 ** (attempt - 1);
      set(point, { kind: "retrying", attempt, message: end.message, seconds: wait / 1000 });
      await pause(wait, signal);
      if (signal?.aborted) return set(point, { kind: "interrupted" });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(options.jobs, points.length) }, worker));
  } finally {
    signal?.removeEventListener("abort", stopAll);
  }
  return states;
}

/** Wait, or less when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** The state of the page: the runs, those that are looked at, and what the server says of them. */
import { untrack } from "svelte";
import type { LiveMessage, RunCurves, RunDetail, RunOverview, RunStatus } from "../../src/studio/protocol.ts";
import { withTail } from "../../src/studio/series.ts";
import { fetchCurves, fetchDetail, fetchRuns, listen } from "./api.ts";
import { createOrder } from "./order.ts";
import { formatView, parseView, type View } from "./view.ts";

/** Milliseconds between two looks at the list of runs. */
const LIST_EVERY = 3000;

type Order = ReturnType<typeof createOrder>;

/** Everything the components read. */
export interface Studio {
  readonly view: View;
  readonly runs: readonly RunOverview[] | undefined;
  readonly details: Readonly<Record<string, RunDetail>>;
  readonly curves: Readonly<Record<string, RunCurves>>;
  readonly connected: boolean;
  /** What the list of runs is filtered by. */
  filter: string;
  /** Why the list of runs cannot be had. */
  readonly problem: string | undefined;
  /** Why a run cannot be had, by its id. */
  readonly problems: Readonly<Record<string, string>>;
  /** Change what is shown. `push`: "back" comes back here. */
  show(change: Partial<View>, push?: boolean): void;
}

/** Begin: read the address, load, listen. Call once, where effects may be made. */
export function createStudio(): Studio {
  let view = $state.raw(parseView(location.hash));
  let runs: readonly RunOverview[] | undefined = $state.raw();
  let details: Readonly<Record<string, RunDetail>> = $state.raw({});
  let curves: Readonly<Record<string, RunCurves>> = $state.raw({});
  let connected = $state(true);
  let filter = $state("");
  let problem: string | undefined = $state();
  let problems: Readonly<Record<string, string>> = $state.raw({});
  /** What was heard last of where the runs are. A detail may have been on its way meanwhile: what it says of that is older then. */
  let heard: Record<string, RunStatus> = {};
  const orders = { detail: new Map<string, Order>(), curves: new Map<string, Order>() };

  const show = (change: Partial<View>, push = false): void => {
    view = { ...view, ...change };
    const address = formatView(view);
    if (address === location.hash) return;
    if (push) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  };

  const told = <T>(work: Promise<T>, then: (value: T) => void, failed: (why: string) => void): void => {
    work.then(then, (error: unknown) => {
      // What fetch throws when nobody answers.
      if (error instanceof TypeError) connected = false;
      else failed(error instanceof Error ? error.message : String(error));
    });
  };

  const ask = (orders: Map<string, Order>, id: string): (() => boolean) => {
    const order = orders.get(id) ?? createOrder();
    orders.set(id, order);
    return order();
  };
  const loadDetail = (id: string): void => {
    const counts = ask(orders.detail, id);
    told(
      fetchDetail(id),
      (detail) => {
        if (!counts()) return;
        details = { ...details, [id]: { ...detail, status: heard[id] ?? detail.status } };
        const { [id]: _, ...others } = problems;
        problems = others;
      },
      (why) => {
        if (counts()) problems = { ...problems, [id]: why };
      },
    );
  };
  const loadCurves = (id: string): void => {
    const counts = ask(orders.curves, id);
    told(
      fetchCurves(id),
      (all) => {
        if (counts()) curves = { ...curves, [id]: all };
      },
      (why) => {
        if (counts()) problems = { ...problems, [id]: why };
      },
    );
  };

  const hear = (message: LiveMessage): void => {
    if (message.kind === "detail") {
      if (details[message.id]?.revision !== message.revision) loadDetail(message.id);
      return;
    }
    if (message.kind === "status") {
      heard = { ...heard, [message.id]: message.status };
      const detail = details[message.id];
      if (detail) details = { ...details, [message.id]: { ...detail, status: message.status } };
      return;
    }
    const { curves: tail } = message;
    const known = curves[tail.id];
    const joined = known?.generation === tail.generation ? withTail(known, tail) : undefined;
    const whole = tail.steps.length > 0 && Math.floor((tail.steps[0]! - 1) / tail.width) === 0;
    if (joined) curves = { ...curves, [tail.id]: { ...tail, ...joined } };
    else if (whole || !known) curves = { ...curves, [tail.id]: tail };
    else loadCurves(tail.id);
  };

  $effect(() => {
    const look = () =>
      told(
        fetchRuns(),
        (all) => {
          runs = all;
          connected = true;
          problem = undefined;
          if (view.run === undefined && all.length > 0) show({ run: newest(all) });
        },
        (why) => {
          problem = why;
        },
      );
    look();
    const timer = setInterval(() => document.visibilityState === "visible" && look(), LIST_EVERY);
    const back = () => {
      view = parseView(location.hash);
    };
    addEventListener("popstate", back);
    addEventListener("hashchange", back);
    return () => {
      clearInterval(timer);
      removeEventListener("popstate", back);
      removeEventListener("hashchange", back);
    };
  });

  const watched = $derived(
    JSON.stringify([...new Set([view.run, ...view.with].filter((id) => id !== undefined))]),
  );
  $effect(() => {
    const ids = JSON.parse(watched) as string[];
    if (ids.length === 0) return;
    // Only those that are looked at are kept.
    untrack(() => {
      details = pick(details, ids);
      curves = pick(curves, ids);
      problems = pick(problems, ids);
    });
    // Whoever begins to listen is told all of it.
    heard = {};
    for (const id of ids) loadDetail(id);
    return listen(ids, hear, (is) => {
      connected = is;
    });
  });

  return {
    get view() {
      return view;
    },
    get runs() {
      return runs;
    },
    get details() {
      return details;
    },
    get curves() {
      return curves;
    },
    get connected() {
      return connected;
    },
    get filter() {
      return filter;
    },
    set filter(text) {
      filter = text;
    },
    get problem() {
      return problem;
    },
    get problems() {
      return problems;
    },
    show,
  };
}

/** One that trains now, else the one touched last. */
function newest(runs: readonly RunOverview[]): string {
  const order = [...runs].sort((a, b) => b.touched - a.touched);
  return (order.find(({ state }) => state === "running" || state === "paused") ?? order[0]!).id;
}

const pick = <T>(all: Readonly<Record<string, T>>, ids: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([id]) => ids.includes(id)));

/** The state of the page: the runs, those that are looked at, and what the server says of them. */
import { untrack } from "svelte";
import type {
  LiveMessage,
  RunCurves,
  RunDetail,
  RunOverview,
  RunStatus,
  RunTable,
} from "../../src/studio/protocol.ts";
import { withTail } from "../../src/studio/record/series.ts";
import { batched } from "../common/batched.ts";
import { fetchCurves, fetchDetail, fetchTable, listen } from "./api.ts";
import { createOrder } from "./home/order.ts";
import { snapshotMade } from "./source.ts";
import { formatView, parseView, type View } from "./view.ts";

/** Milliseconds between two looks at the list of runs. */
const LIST_EVERY = 3000;

/** The same while it has not looked into all of them yet. */
const LOOK_SOON = 500;

/**
 * Milliseconds between two times at which the page takes in what is new in the runs that are looked
 * at.
 */
const HEAR_EVERY = 500;

type Order = ReturnType<typeof createOrder>;

/** Everything the components read. */
export interface Studio {
  readonly view: View;
  readonly runs: readonly RunOverview[] | undefined;
  /** What the configurations of all runs have in common, by path. */
  readonly common: RunTable["common"];
  /**
   * By the id of the run, as what follows: a run may have any name, that of something every object
   * has, too.
   */
  readonly details: ReadonlyMap<string, RunDetail>;
  readonly curves: ReadonlyMap<string, RunCurves>;
  readonly connected: boolean;
  /** The server has as many listeners as it takes: there is no news until it has fewer. */
  readonly crowded: boolean;
  /** What the list of runs is filtered by: the query. */
  filter: string;
  /** Why the list of runs cannot be had. */
  readonly problem: string | undefined;
  /** Why a run cannot be had, by its id. */
  readonly problems: ReadonlyMap<string, string>;
  /** Change what is shown. `push`: "back" comes back here. */
  show(change: Partial<View>, push?: boolean): void;
  /** Look at the runs again, and at those that are shown: something was written on them. */
  refresh(): void;
}

/** Begin: read the address, load, listen. Call once, where effects may be made. */
export function createStudio(): Studio {
  let view = $state.raw(parseView(location.hash));
  let table: RunTable | undefined = $state.raw();
  let details: ReadonlyMap<string, RunDetail> = $state.raw(new Map());
  let curves: ReadonlyMap<string, RunCurves> = $state.raw(new Map());
  // A page that was saved hears nothing: what was going on then is said to have been "when last heard of".
  let connected = $state(snapshotMade === undefined);
  /** How often the connection for news broke. */
  let losses = 0;
  let crowded = $state(false);
  let problem: string | undefined = $state();
  let problems: ReadonlyMap<string, string> = $state.raw(new Map());
  /**
   * What was heard last of where the runs are. A detail may have been on its way meanwhile: what it
   * says of that is older then.
   */
  const heard = new Map<string, RunStatus>();
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
        details = put(details, id, { ...detail, status: heard.get(id) ?? detail.status });
        problems = pick(problems, (other) => other !== id);
      },
      (why) => {
        if (counts()) problems = put(problems, id, why);
      },
    );
  };
  const loadCurves = (id: string): void => {
    const counts = ask(orders.curves, id);
    told(
      fetchCurves(id),
      (all) => {
        if (counts()) curves = put(curves, id, all);
      },
      (why) => {
        if (counts()) problems = put(problems, id, why);
      },
    );
  };

  const hear = (message: LiveMessage): void => {
    if (message.kind === "detail") {
      if (details.get(message.id)?.revision !== message.revision) loadDetail(message.id);
      return;
    }
    if (message.kind === "status") {
      heard.set(message.id, message.status);
      const detail = details.get(message.id);
      if (detail) details = put(details, message.id, { ...detail, status: message.status });
      return;
    }
    const { curves: tail } = message;
    const known = curves.get(tail.id);
    const joined = known?.generation === tail.generation ? withTail(known, tail) : undefined;
    const whole = tail.steps.length > 0 && Math.floor((tail.steps[0]! - 1) / tail.width) === 0;
    if (joined) curves = put(curves, tail.id, { ...tail, ...joined });
    else if (whole || !known) curves = put(curves, tail.id, tail);
    else loadCurves(tail.id);
  };

  /** Whether the folder was looked at before. */
  let seen = false;
  const look = (): void => {
    const asked = losses;
    told(
      fetchTable(),
      (all) => {
        table = all;
        // An answer to what was asked before the connection broke says nothing about now.
        if (asked === losses) connected = snapshotMade === undefined;
        problem = undefined;
        const [only] = all.runs;
        // A folder that is one run, or has one, needs no table.
        if (!seen && location.hash === "" && only && all.runs.length === 1) show({ run: only.id });
        seen = true;
        // Runs that the server has not looked into yet come soon.
        if (all.runs.some(({ unread }) => unread)) setTimeout(look, LOOK_SOON);
      },
      (why) => {
        problem = why;
      },
    );
  };

  $effect(() => {
    look();
    const timer = setInterval(
      () => snapshotMade === undefined && document.visibilityState === "visible" && look(),
      LIST_EVERY,
    );
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
    // Only those that are looked at are kept; while nobody answers, what there is cannot be had again.
    untrack(() => {
      if (!connected) return;
      const watched = (id: string): boolean => ids.includes(id);
      details = pick(details, watched);
      curves = pick(curves, watched);
      problems = pick(problems, watched);
    });
    // Whoever begins to listen is told all of it.
    heard.clear();
    for (const id of ids) {
      loadDetail(id);
      // Curves come with the news, and a saved page has none.
      if (snapshotMade !== undefined) loadCurves(id);
    }
    let over = false;
    const hearing = batched<LiveMessage>((all) => {
      if (!over) for (const message of all) hear(message);
    }, HEAR_EVERY);
    const end = listen(ids, hearing, (state) => {
      if (state === "lost") losses++;
      // One that was turned away has been answered.
      connected = state !== "lost";
      crowded = state === "refused";
    });
    return () => {
      over = true;
      end();
    };
  });

  return {
    get view() {
      return view;
    },
    get runs() {
      return table?.runs;
    },
    get common() {
      return table?.common ?? {};
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
    get crowded() {
      return crowded;
    },
    get filter() {
      return view.query;
    },
    set filter(query) {
      show({ query });
    },
    get problem() {
      return problem;
    },
    get problems() {
      return problems;
    },
    show,
    refresh() {
      look();
      for (const id of details.keys()) loadDetail(id);
    },
  };
}

const pick = <T>(all: ReadonlyMap<string, T>, wanted: (id: string) => boolean): ReadonlyMap<string, T> =>
  new Map([...all].filter(([id]) => wanted(id)));

const put = <T>(all: ReadonlyMap<string, T>, id: string, value: T): ReadonlyMap<string, T> =>
  new Map(all).set(id, value);

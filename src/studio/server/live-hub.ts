/**
 * All live connections of a server. However many there are, each run is looked up once a round for
 * all who watch it, and a message that several get is written as JSON once. There is a most of
 * connections, and rounds are further apart the more there are: watching must not slow the training
 * that is watched.
 */

import type { LiveMessage } from "../protocol.ts";
import { createWatcher, type LookSource, remembered } from "./live.ts";

/** Milliseconds between two looks while few watch. */
export const LOOK_EVERY = 250;
/** Connections that are held at a time. */
export const MAX_LIVE = 256;
/**
 * Milliseconds of a round that a watcher, or a run that is watched, adds: 200 of them are told
 * something a second.
 */
const ROUND_SHARE = 5;
/** After so many milliseconds without news a sign of life is sent. */
const QUIET_FOR = 10_000;

/** A connection of a page that listens for news. */
export interface Listener {
  /** Send a text as it is. Done when the other side has taken it. */
  send(text: string): Promise<unknown>;
  /** The server ends it. */
  end(): void;
}

/** The live connections of a server. */
export interface LiveHub {
  /** Connections held now. */
  readonly count: number;
  /**
   * Tell a listener everything new in some runs until it leaves.
   * @returns a function that ends it; undefined when there are as many as can be
   */
  join(ids: readonly string[], listener: Listener): (() => void) | undefined;
}

interface Member {
  readonly ids: readonly string[];
  readonly listener: Listener;
  readonly watcher: ReturnType<typeof createWatcher>;
  /** It has not taken yet what was sent: nothing more is sent until it has. */
  busy: boolean;
  heard: number;
}

/** Tells all pages that listen what changes in runs. @param signal ends all of it */
export function createLiveHub(library: LookSource, signal: AbortSignal, max = MAX_LIVE): LiveHub {
  const members = new Set<Member>();
  const texts = new WeakMap<LiveMessage, string>();
  let timer: NodeJS.Timeout | undefined;
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    for (const { listener } of members) listener.end();
    members.clear();
  });

  const update = async (member: Member, source: LookSource): Promise<void> => {
    const { watcher, listener } = member;
    member.busy = true;
    try {
      for (const message of await watcher.look(source)) {
        member.heard = performance.now();
        const data = remembered(texts, message, () => JSON.stringify(message));
        await listener.send(`data: ${data}\n\n`);
      }
      if (performance.now() - member.heard > QUIET_FOR) {
        member.heard = performance.now();
        await listener.send(": still here\n\n");
      }
    } catch {
      // Nobody is at the other end any more.
      members.delete(member);
    } finally {
      member.busy = false;
    }
  };

  const round = (): void => {
    const idle = [...members].filter(({ busy }) => !busy);
    const looks = new Map<string, ReturnType<LookSource["look"]>>();
    const shared: LookSource = {
      look(id) {
        const look = looks.get(id) ?? library.look(id);
        looks.set(id, look);
        return look;
      },
    };
    for (const member of idle) void update(member, shared);
    plan(roundTime(members.size, new Set([...members].flatMap(({ ids }) => ids)).size));
  };
  const plan = (wait: number): void => {
    clearTimeout(timer);
    timer = signal.aborted || members.size === 0 ? undefined : setTimeout(round, wait).unref();
  };

  return {
    get count() {
      return members.size;
    },
    join(ids, listener) {
      if (members.size >= max || signal.aborted) return undefined;
      const unique = [...new Set(ids)];
      const member: Member = {
        ...{ ids: unique, listener, watcher: createWatcher(library, unique) },
        ...{ busy: false, heard: performance.now() },
      };
      members.add(member);
      // At once for who is alone; with the others when many come at the same time.
      if (timer === undefined) plan(0);
      return () => void members.delete(member);
    },
  };
}

/** Milliseconds from one round to the next. @param runs different ones that are watched */
export const roundTime = (watchers: number, runs: number): number =>
  Math.max(LOOK_EVERY, ROUND_SHARE * (watchers + runs));

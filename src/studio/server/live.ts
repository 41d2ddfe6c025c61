/**
 * What is new in a run, for one who watches it. A watcher remembers which buckets of the curves it
 * has sent, not the lines of the record: what it holds and what it sends at once are bounded
 * however fast a run is and however long nobody listened. Watchers share what was looked up
 * (live-hub.ts).
 */

import type { LiveMessage } from "../protocol.ts";
import { curvesIn, type RunCatalog } from "../runs/run-catalog.ts";

/** What a watcher knows to have been sent of a run. */
interface Sent {
  generation: number;
  width: number;
  /** Place of the last bucket: it may still grow. */
  key: number;
  step: number;
  revision: number;
  status: string;
}

/** Looks at some runs, again and again. */
export interface Watcher {
  /**
   * Everything new since the last look. A run that is gone is passed over.
   * @param source where runs are looked up: those who share it share the look and the messages
   */
  look(source?: Pick<LookSource, "look">): Promise<LiveMessage[]>;
}

type Looked = Awaited<ReturnType<RunCatalog["look"]>>;

/** Where a watcher looks runs up. */
export interface LookSource {
  look(id: string): Promise<Looked>;
}

/**
 * Curves of what was looked up, by the first bucket: watchers who are equally far get one object.
 */
const curveMessages = new WeakMap<Looked, Map<number, LiveMessage>>();
const statusTexts = new WeakMap<object, string>();

/** Looks for what changes in runs, again and again. @param ids of runs */
export function createWatcher(catalog: LookSource, ids: readonly string[]): Watcher {
  const sent = new Map<string, Sent>();

  const lookAt = async (id: string, source: LookSource): Promise<LiveMessage[]> => {
    const messages: LiveMessage[] = [];
    const looked = await source.look(id);
    const { index, status } = looked;
    const { series, generation, revision, lastStep } = index;
    const before = sent.get(id);
    const shown = remembered(statusTexts, status, () => JSON.stringify(status));
    if (before?.status !== shown) messages.push({ kind: "status", id, status });
    const key = series.keys.at(-1) ?? -1;
    const same = before?.generation === generation && before.width === series.width;
    if (!same || before.step !== lastStep)
      messages.push(curvesFrom(id, looked, same ? Math.max(0, before.key) : 0));
    if (before?.revision !== revision) messages.push({ kind: "detail", id, revision });
    sent.set(id, { generation, width: series.width, key, step: lastStep, revision, status: shown });
    return messages;
  };

  return {
    async look(source = catalog) {
      const all = await Promise.all(ids.map((id) => lookAt(id, source).catch(() => [])));
      return all.flat();
    },
  };
}

function curvesFrom(id: string, looked: Looked, from: number): LiveMessage {
  const known = remembered(curveMessages, looked, () => new Map<number, LiveMessage>());
  const message = known.get(from) ?? { kind: "curves", curves: curvesIn(id, looked.index, from) };
  known.set(from, message);
  return message;
}

/** The value kept for a key; made the first time. */
export function remembered<K extends object, V>(kept: WeakMap<K, V>, key: K, make: () => V): V {
  const found = kept.get(key);
  if (found !== undefined) return found;
  const made = make();
  kept.set(key, made);
  return made;
}

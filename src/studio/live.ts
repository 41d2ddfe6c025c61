/**
 * What is new in the runs somebody looks at, a few times a second. A watcher remembers which buckets of the curves it has sent, not the lines
 * of the record: what it holds and what it sends at once are bounded however fast a run is and however long nobody listened.
 */
import { curvesIn, type Library } from "./library.ts";
import type { LiveMessage } from "./protocol.ts";

/** Milliseconds between two looks. */
export const LOOK_EVERY = 250;

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
  /** Everything new since the last look. A run that is gone is passed over. */
  look(): Promise<LiveMessage[]>;
}

/** @param ids of runs */
export function createWatcher(library: Library, ids: readonly string[]): Watcher {
  const sent = new Map<string, Sent>();

  const lookAt = async (id: string): Promise<LiveMessage[]> => {
    const messages: LiveMessage[] = [];
    const { index, status } = await library.look(id);
    const { series, generation, revision, lastStep } = index;
    const before = sent.get(id);
    const shown = JSON.stringify(status);
    if (before?.status !== shown) messages.push({ kind: "status", id, status });
    const key = series.keys.at(-1) ?? -1;
    const same = before?.generation === generation && before.width === series.width;
    if (!same || before.step !== lastStep)
      messages.push({ kind: "curves", curves: curvesIn(id, index, same ? Math.max(0, before.key) : 0) });
    if (before?.revision !== revision) messages.push({ kind: "detail", id, revision });
    sent.set(id, { generation, width: series.width, key, step: lastStep, revision, status: shown });
    return messages;
  };

  return {
    async look() {
      const all = await Promise.all(ids.map((id) => lookAt(id).catch(() => [])));
      return all.flat();
    },
  };
}

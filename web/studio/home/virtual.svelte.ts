/**
 * Rows of a long table, of which only those on view are in the page: TanStack Virtual, with
 * Svelte's state around it.
 */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import { untrack } from "svelte";

/** The rows on view, and the room that those before and after them take. */
export interface VirtualRows {
  readonly items: readonly VirtualItem[];
  readonly before: number;
  readonly after: number;
  readonly scrollTo: (index: number) => void;
}

/**
 * Call once, where effects may be made.
 * @param element what scrolls
 * @param count rows in all
 * @param height pixels of a row
 */
export function virtualRows(
  element: () => HTMLElement | undefined,
  count: () => number,
  height: number,
): VirtualRows {
  let version = $state(0);
  // It may be called while an effect runs, which must not depend on it.
  const changed = (): void => untrack(() => void version++);
  const options = () => ({
    ...{ count: count(), estimateSize: () => height, overscan: 8, getScrollElement: () => element() ?? null },
    ...{
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: changed,
    },
  });
  const virtualizer = new Virtualizer<HTMLElement, Element>(options());
  $effect(() => virtualizer._didMount());
  $effect(() => {
    virtualizer.setOptions(options());
    virtualizer._willUpdate();
    virtualizer.measure();
  });
  const items = $derived.by(() => {
    version;
    // Rows may have become fewer since they were measured.
    const rows = count();
    return virtualizer.getVirtualItems().filter(({ index }) => index < rows);
  });
  return {
    get items() {
      return items;
    },
    get before() {
      return items[0]?.start ?? 0;
    },
    get after() {
      return Math.max(0, count() * height - (items.at(-1)?.end ?? 0));
    },
    scrollTo: (index) => virtualizer.scrollToIndex(index),
  };
}

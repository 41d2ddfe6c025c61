/**
 * Many watchers: each run is looked up once for all, there is a most of them, and one who does not
 * listen holds up nobody.
 */
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { RunCatalog } from "../runs/run-catalog.ts";
import { emptyIndex, takeLines } from "../runs/run-index.ts";
import { steps } from "../testing/records.ts";
import { createLiveHub, type Listener, LOOK_EVERY, roundTime } from "./live-hub.ts";

type Looked = Awaited<ReturnType<RunCatalog["look"]>>;

/** A catalog of runs that are what `seen` was set to, and how often each was looked up. */
function counted() {
  const looks = new Map<string, number>();
  const catalog = {
    last: 3,
    async look(id: string): Promise<Looked> {
      looks.set(id, (looks.get(id) ?? 0) + 1);
      const index = emptyIndex();
      takeLines(index, steps(1, catalog.last));
      return { index, status: { state: "running", step: catalog.last, steps: 100 } };
    },
  };
  return { catalog, looks };
}

function listener(): Listener & { readonly heard: string[]; ended: boolean } {
  const heard: string[] = [];
  return {
    heard,
    ended: false,
    async send(text) {
      heard.push(text);
    },
    end() {
      this.ended = true;
    },
  };
}
async function until(test: () => boolean): Promise<void> {
  while (!test()) await setTimeout(5);
}

describe("many who watch", () => {
  it("are told the same by one look at each run a round", async () => {
    const { catalog, looks } = counted();
    const controller = new AbortController();
    const hub = createLiveHub(catalog, controller.signal);
    const all = Array.from({ length: 100 }, (_, i) => {
      const one = listener();
      hub.join(i % 2 === 0 ? ["a", "a"] : ["a", "b"], one);
      return one;
    });
    await until(() => all.every(({ heard }) => heard.some((text) => text.includes('"steps":[1,2,3]'))));
    // Those who joined together are told in one round.
    expect([looks.get("a"), looks.get("b")]).toEqual([1, 1]);
    catalog.last = 5;
    await until(() => all.every(({ heard }) => heard.some((text) => text.includes('"steps":[3,4,5]'))));
    expect(looks.get("a")).toBeLessThanOrEqual(4);
    expect(new Set(all.filter((_, i) => i % 2 === 0).map(({ heard }) => heard.join(""))).size).toBe(1);
    controller.abort();
    expect(all.every(({ ended }) => ended)).toBe(true);
    expect(hub.count).toBe(0);
  });

  it("are as many as there may be, until one leaves", () => {
    const hub = createLiveHub(counted().catalog, new AbortController().signal, 2);
    const leave = hub.join(["a"], listener());
    expect(hub.join(["a"], listener())).toBeTypeOf("function");
    expect(hub.join(["a"], listener())).toBeUndefined();
    leave!();
    expect(hub.join(["a"], listener())).toBeTypeOf("function");
  });

  it("do not wait for one who does not take what is sent", async () => {
    const { catalog } = counted();
    const controller = new AbortController();
    const hub = createLiveHub(catalog, controller.signal);
    let tries = 0;
    hub.join(["a"], {
      send() {
        tries++;
        return new Promise(() => undefined);
      },
      end: () => undefined,
    });
    const other = listener();
    hub.join(["a"], other);
    for (let round = 0; round < 3; round++) {
      const before = other.heard.length;
      catalog.last++;
      await until(() => other.heard.length > before);
    }
    expect(tries).toBe(1);
    controller.abort();
  });
});

it("the more there are, the further apart the looks are: what is sent a second does not grow", () => {
  expect([roundTime(1, 1), roundTime(20, 2)]).toEqual([LOOK_EVERY, LOOK_EVERY]);
  for (const watchers of [60, 200, 1000, 10_000])
    expect(watchers / (roundTime(watchers, 1) / 1000)).toBeLessThanOrEqual(200);
});

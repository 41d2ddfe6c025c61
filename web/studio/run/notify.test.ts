/** What is told of a run to somebody who looks elsewhere. */
import { describe, expect, it } from "vitest";
import type { RunState } from "../../../src/studio/protocol.ts";
import { newsOf, seenOf } from "./notify.ts";

const at = (id: string, state: RunState, warnings: readonly string[] = [], message?: string) => ({
  ...{ id, status: { id, state, step: 1200, steps: 4000, touched: 0, ...(message && { message }) } },
  warnings: warnings.map((name) => ({
    ...{ kind: "warning" as const, step: 900, name, message: `${name}.`, advice: "Do this." },
  })),
});
const news = (before: ReturnType<typeof at> | undefined, now: ReturnType<typeof at>) =>
  newsOf(before && seenOf(before), seenOf(now), now);

describe("news of a run", () => {
  it("are that it ended, and how", () => {
    expect(news(at("a", "running"), at("a", "failed", [], "It diverged."))).toEqual({
      ...{ title: "a: failed", body: "Step 1,200 of 4,000. It diverged." },
    });
    expect(news(at("a", "paused"), at("a", "finished"))?.title).toBe("a: finished");
    // The end is told, whatever else is new.
    expect(news(at("a", "running"), at("a", "stopped", ["x"]))?.title).toBe("a: stopped");
  });

  it("are a warning more", () => {
    expect(news(at("a", "running", ["x"]), at("a", "running", ["x", "y"]))).toEqual({
      ...{ title: "a: a warning at step 900", body: "y. Do this." },
    });
  });

  it("are nothing at the first look, of another run, and while all is as it was", () => {
    expect(news(undefined, at("a", "failed"))).toBeUndefined();
    expect(news(at("b", "running"), at("a", "finished", ["x"]))).toBeUndefined();
    expect(news(at("a", "running", ["x"]), at("a", "paused", ["x"]))).toBeUndefined();
    expect(news(at("a", "finished"), at("a", "finished"))).toBeUndefined();
  });
});

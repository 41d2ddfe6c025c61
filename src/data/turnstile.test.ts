import fc from "fast-check";
import { expect, it } from "vitest";
import { createTurnstile } from "./turnstile.ts";

it("whoever is alone is alone, many are beside each other, and all come through", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ alone: fc.boolean(), fails: fc.boolean(), length: fc.integer({ min: 1, max: 3 }) }),
        { maxLength: 20 },
      ),
      async (all) => {
        const { alone, beside } = createTurnstile();
        let inside = 0;
        let crowd = 0;
        const done = await Promise.allSettled(
          all.map((one) =>
            (one.alone ? alone : beside)(async () => {
              inside++;
              crowd = Math.max(crowd, inside);
              for (let i = 0; i < one.length; i++) {
                await null;
                if (one.alone) expect(inside).toBe(1);
              }
              inside--;
              if (one.fails) throw new Error("no");
            }),
          ),
        );
        expect(done.map(({ status }) => status === "rejected")).toEqual(all.map(({ fails }) => fails));
        expect(inside).toBe(0);
        const first = all.findIndex((one) => one.alone);
        const together = all.slice(0, first < 0 ? all.length : first).length;
        expect(crowd).toBeGreaterThanOrEqual(Math.min(all.length, Math.max(1, together)));
      },
    ),
  );
});

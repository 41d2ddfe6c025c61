/**
 * Blocks of the discriminator that are not trained: which parameters they are, and that a step
 * leaves them as they are.
 */
import { describe, expect, it } from "vitest";
import { sizeOf } from "../../graph/index.ts";
import { DISCRIMINATORS, type DiscriminatorName } from "../../models/registry.ts";
import { run, tiny } from "../testing/run-steps.ts";
import { frozenParameters } from "./frozen.ts";

const within = (outer: ReadonlySet<string>, inner: ReadonlySet<string>): boolean =>
  [...inner].every((name) => outer.has(name));

describe.each(Object.keys(DISCRIMINATORS) as DiscriminatorName[])("%s", (architecture) => {
  const resolution = DISCRIMINATORS[architecture].resolutions.at(-1)!;
  const of = (frozenBlocks: number) =>
    frozenParameters({
      data: { resolution },
      discriminator: { ...tiny().discriminator, architecture, width: 16, frozenBlocks },
    });

  it("each further block adds parameters of its own, and the heads never belong to them", () => {
    expect(of(0)).toEqual(new Set());
    let [blocks, before] = [0, of(0)];
    for (;;) {
      let next: ReadonlySet<string>;
      try {
        next = of(blocks + 1);
      } catch (error) {
        expect(String(error)).toMatch(
          `frozenBlocks is ${blocks + 1}, and ${architecture} has ${blocks} blocks`,
        );
        break;
      }
      expect(within(next, before)).toBe(true);
      expect(next.size).toBeGreaterThan(before.size);
      expect([...next].filter((name) => /Fc|rotation/.test(name))).toEqual([]);
      [blocks, before] = [blocks + 1, next];
    }
    expect(blocks).toBeGreaterThan(2);
  });
});

it.each([1, 2])(
  "a step in %i micro-batches leaves frozen parameters as they are to the last bit, and changes all other kernels",
  async (accumulate) => {
    const settings = tiny({ discriminator: { frozenBlocks: 2 }, training: { accumulate, batchSize: 4 } });
    const { steps, before, after } = await run(settings, ({ discriminatorStep, accumulating }) => [
      ...(accumulating ? [[accumulating.discriminatorStep, {}] as const] : []),
      [discriminatorStep, {}],
    ]);
    const frozen = frozenParameters(settings);
    const key = "discriminator/parameters";
    for (const { name, shape, offset } of steps.layout.discriminator.parameters) {
      const [old, now] = [before, after].map((state) => state[key]!.subarray(offset, offset + sizeOf(shape)));
      if (frozen.has(name)) expect(now, name).toEqual(old);
      else if (name.endsWith("/kernel")) expect(now, name).not.toEqual(old);
    }
    expect(frozen.size).toBeGreaterThan(3);
    expect(frozen.size).toBeLessThan(steps.layout.discriminator.parameters.length - 2);
  },
);

/** Buffers share memory only where their lifetimes do not meet. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Memory, type MemoryAccess, planMemory, rootOf } from "./memory.ts";

const buffer = (bytes: number): Memory => ({ bytes });

/** A program in which instruction i writes buffer i and reads some of those before it. */
const programs = fc.array(
  fc.record({
    bytes: fc.integer({ min: 4, max: 5000 }),
    back: fc.array(fc.nat(6), { maxLength: 3 }),
    inPlace: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

it("what is alive is never written over by something else", () => {
  fc.assert(
    fc.property(programs, (steps) => {
      const buffers = steps.map(({ bytes }) => buffer(bytes));
      const reads = steps.map(({ back }, i) => back.flatMap((n) => (n < i ? [i - 1 - n] : [])));
      const uses = steps.map(({ inPlace }, i): MemoryAccess => {
        const operands = reads[i]!.map((k) => buffers[k]!);
        return { reads: operands, writes: [buffers[i]!], inPlace: inPlace ? operands[0] : undefined };
      });
      const last = buffers.at(-1)!;
      const plan = planMemory(uses, [], [last]);
      // Run it: each byte remembers the instruction that wrote it.
      const memory = new Int32Array(plan.bytes).fill(-1);
      const spanOf = (one: Memory): [number, number] => {
        const start = plan.addressOf(one, 0);
        return [start, start + one.bytes];
      };
      for (const [i, operands] of reads.entries()) {
        for (const k of operands)
          expect(memory.subarray(...spanOf(buffers[k]!)).every((writer) => writer === k)).toBe(true);
        memory.fill(i, ...spanOf(buffers[i]!));
      }
      expect(memory.subarray(...spanOf(last)).every((writer) => writer === steps.length - 1)).toBe(true);
    }),
  );
});

it("a chain in place needs one buffer; parts lie where their whole does", () => {
  const [a, b, c] = [buffer(100), buffer(100), buffer(100)] as const;
  const chain: MemoryAccess[] = [
    { reads: [], writes: [a] },
    { reads: [a], writes: [b], inPlace: a },
    { reads: [b], writes: [c], inPlace: b },
  ];
  const plan = planMemory(chain, [], [c]);
  expect(plan.bytes).toBe(128);
  const part: Memory = { bytes: 4, within: { buffer: c, offset: 8 } };
  expect(rootOf(part).offset).toBe(8);
  expect(plan.addressOf(part, 1000)).toBe(plan.addressOf(a, 1000) + 8);
});

it("memory with an address of its own takes no place in the region", () => {
  const fixed: Memory = { bytes: 4096, fixed: 64 };
  const plan = planMemory([{ reads: [fixed], writes: [buffer(8)] }], [], []);
  expect(plan.bytes).toBe(64);
  expect(plan.addressOf(fixed, 1000)).toBe(64);
});

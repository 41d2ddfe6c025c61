/** The generator's view in the address, exactly. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatPlace, type Place, parsePlace, START } from "./place.ts";

const latent = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 130 })
  .map((numbers) => Float32Array.from(numbers));
const end = fc.oneof(fc.nat({ max: 47 }), latent);
const place = fc.record({
  seed: fc.nat(),
  truncation: fc.option(fc.double({ min: 0.01, max: 3, noNaN: true }), { nil: undefined }),
  label: fc.oneof(fc.constant(-1), fc.nat({ max: 9 })),
  chosen: fc.nat({ max: 47 }),
  latent: fc.option(latent, { nil: undefined }),
  a: end,
  b: end,
});

it("all of it comes back, bit by bit", () => {
  fc.assert(
    fc.property(place, (one: Place) => {
      const text = formatPlace(one).toString();
      expect(parsePlace(new URLSearchParams(text))).toEqual(one);
    }),
  );
});

it("the start takes no room, and what makes no sense is the start", () => {
  expect(formatPlace(START).toString()).toBe("");
  const odd = [
    "seed=-1&truncation=0&class=x&image=1.5&latent=12&a=z&b=z!!",
    "seed=1e3&truncation=NaN&image=&latent=zAAA&a=-3",
    `latent=z${"A".repeat(100_000)}`,
    // Not a number, and infinity.
    "latent=zAADAfw&a=zAACAfw",
  ];
  for (const text of odd) expect(parsePlace(new URLSearchParams(text)), text).toEqual(START);
});

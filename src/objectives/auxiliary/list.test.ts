/** Auxiliary losses as a list: how it is read and what is refused. */
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { auxiliaryName } from "../../base/quantities.ts";
import type { AuxiliaryLoss } from "./auxiliary.ts";
import { auxiliaryResult, auxiliaryTerms } from "./list.ts";
import { AUXILIARY_LOSSES, AUXILIARY_NAMES } from "./registry.ts";

const read = (list: string) =>
  auxiliaryTerms(list).map(({ name, weights }) => [name, weights.discriminator, weights.generator]);

describe("a list of auxiliary losses", () => {
  it("has a name and a weight for each network that has a term", () => {
    expect(read("none")).toEqual([]);
    expect(read("cr:10, zcr : 20:0.5,lecam:3e-1")).toEqual([
      ["cr", 10, 0],
      ["zcr", 20, 0.5],
      ["lecam", 0.3, 0],
    ]);
    expect(read("zcr:0:1")).toEqual([["zcr", 0, 1]]);
  });

  it("takes the published weights of every loss, and their names in a record lead back", () => {
    for (const name of AUXILIARY_NAMES) {
      const { description, weights, generatorLoss }: AuxiliaryLoss = AUXILIARY_LOSSES[name];
      const [[, , generator] = []] = read(`${name}:${description.published}`);
      expect(generator !== 0).toBe(weights !== "discriminator");
      expect(generatorLoss !== undefined).toBe(weights !== "discriminator");
      expect(auxiliaryName(auxiliaryResult(name))).toBe(name);
    }
  });

  it.each([
    ["cr2:1", /Unknown auxiliary loss "cr2"/, /cr/],
    ["cr", /"cr" has no weight above 0/, /cr:10/],
    ["cr:", /no weight above 0/, /cr:10/],
    ["cr:-1", /no weight above 0/, /cr:10/],
    ["cr:x", /no weight above 0/, /cr:10/],
    ["cr:0", /no weight above 0/, /leave it out/],
    ["zcr:0:0", /no weight above 0/, /leave it out/],
    ["cr:1:2", /2 weights.*discriminator's loss alone/, /one weight: .*cr:10/],
    ["zcr:1:2:3", /3 weights.*two networks/, /two weights at the most/],
    ["zcr:20", /a term of another kind for each network/, /zcr:20:0\.5/],
    ["cr:1,lecam:1,cr:2", /cr is named twice/, /sum/],
    ["cr:1,none", /none stands alone/, /out of the list/],
    ["", /Unknown auxiliary loss ""/, /./],
  ])("%s is refused with the remedy", (list, message, hint) => {
    let error: unknown;
    try {
      auxiliaryTerms(list);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).hint).toMatch(hint);
  });
});

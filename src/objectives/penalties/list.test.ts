/**
 * Penalties as a list: how it is read, when each is due, and that one of a list is the one of the
 * short form.
 */
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { run, tiny } from "../testing/run-steps.ts";
import { dueAt, dueName, partialSets, penaltiesOf, penaltyResult, penaltyTerms } from "./list.ts";

describe("a list of penalties", () => {
  it("has a name, a weight and an interval each", () => {
    expect(penaltyTerms("r1:5/16, l2:1e-4").map(({ name, weight, every }) => [name, weight, every])).toEqual([
      ["r1", 5, 16],
      ["l2", 1e-4, 1],
    ]);
    const none = { penalty: "none", penaltyEvery: 1, penalties: "none" } as const;
    expect(penaltiesOf(none)).toEqual([]);
    const short = penaltiesOf({ ...none, penalty: "r1", penaltyEvery: 4 });
    expect(short).toMatchObject([{ name: "r1", weight: undefined, every: 4 }]);
    expect(["r1", "wgan-gp"].map((name) => penaltyResult(name as "r1"))).toEqual([
      "penaltyR1",
      "penaltyWganGp",
    ]);
  });

  it.each([
    ["r2:1", /Unknown penalty "r2"/, /r1/],
    ["r1", /"r1" has no weight above 0/, /r1:5\/16/],
    ["r1:", /Unknown penalty|no weight/, /./],
    ["r1:-1", /no weight above 0/, /r1:5\/16/],
    ["r1:x", /no weight above 0/, /r1:5\/16/],
    ["r1:1/0", /every 0 updates/, /1 to 1024/],
    ["r1:1/2.5", /every 2\.5 updates/, /1 to 1024/],
    ["r1:1,l2:1,r1:2", /r1 is named twice/, /sum/],
    ["none:1", /none stands alone/, /out of the list/],
    ["r1:1,none", /none stands alone/, /out of the list/],
  ])("%s is refused with the remedy", (list, message, hint) => {
    let error: unknown;
    try {
      penaltyTerms(list);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).hint).toMatch(hint);
  });

  it("is due in part in exactly the sets that occur between updates with all of it", () => {
    for (const everys of [[1], [4], [1, 4], [2, 3], [2, 4], [2, 4, 8], [2, 3, 5], [4, 4]]) {
      const terms = everys.map((every, i) => ({ name: ["r1", "l2", "dragan"][i] as "r1", every }));
      const occurring = new Set<string>();
      for (let update = 1; update <= 60; update++) occurring.add(dueName(dueAt(terms, update)));
      occurring.delete(dueName(terms));
      expect(new Set(partialSets(terms).map(dueName)), String(everys)).toEqual(occurring);
    }
  });
});

it("one penalty of a list is that of the short form, and several add up", async () => {
  const after = async (objective: object, lambda: number) => {
    const done = await run(tiny({ objective }), (steps) => [
      [steps.discriminatorStep, { lambda: Float32Array.of(lambda) }],
    ]);
    return { results: done.results[0]!, parameters: done.after["discriminator/parameters"]! };
  };
  const short = await after({ penalty: "r1", penaltyEvery: 2 }, 3);
  const list = await after({ penalties: "r1:1.5/2" }, 0);
  expect(list.parameters).toEqual(short.parameters);
  expect(list.results.penaltyR1).toBe(short.results.penalty);
  const both = await after({ penalties: "r1:1.5/2,l2:0.25" }, 0);
  const { loss, penaltyL2 } = both.results;
  expect(loss).toBeCloseTo(list.results.loss! + 0.25 * penaltyL2!, 4);
});

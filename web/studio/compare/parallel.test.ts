import { expect, it } from "vitest";
import type { RunOverview } from "../../../src/studio/protocol.ts";
import type { Column } from "../home/columns.ts";
import { comparableFids, seedGroups } from "./parallel.ts";

const run = (id: string, value: number, protocol = "paper", name = "FID"): RunOverview =>
  ({ id, fid: { value, name, protocol, step: 1 } }) as RunOverview;
const fid: Column = {
  ...{ key: "fid", title: "FID", what: "FID", numeric: true, better: "lower" },
  value: (one) => one.fid?.value,
  text: (one) => String(one.fid?.value ?? ""),
};

it("FIDs of another protocol or other features are in no mean", () => {
  const runs = [
    run("a", 20),
    run("b", 30),
    run("c", 2, "clean"),
    run("d", 1, "paper", "FID (built-in features)"),
  ];
  const { runs: comparable, left } = comparableFids(runs);
  expect(left).toBe(2);
  expect(comparable.map(({ id, fid }) => [id, fid?.value])).toEqual([
    ["a", 20],
    ["b", 30],
    ["c", undefined],
    ["d", undefined],
  ]);
  const [group] = seedGroups(comparable, [], fid);
  expect(group).toMatchObject({ count: 2, mean: 25 });
  expect(group!.best!.id).toBe("a");
});

it("runs without a FID, and none at all, are left as they are", () => {
  const bare = { id: "x" } as RunOverview;
  expect(comparableFids([bare])).toEqual({ runs: [bare], left: 0 });
  expect(comparableFids([])).toEqual({ runs: [], left: 0 });
});

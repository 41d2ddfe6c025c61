/** The procedure around the loop, the same for a folder and for memory. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { fakeConfig, fakeEngine, fakeSteps, fakeStore } from "../testing/fake.ts";
import { toySessions } from "../testing/session.ts";
import { withoutTiming } from "../testing/without-timing.ts";
import { trainInMemory } from "./memory-run.ts";
import { parseRecord } from "./record/record-lines.ts";
import { checkSteps } from "./train-run.ts";

const { path, session } = toySessions();

/** The lines of a record without times. */
const timeless = (text: string): unknown[] => parseRecord(text).lines.map(withoutTiming);

it("a run in memory and one in a folder have the same files, the same record and the same weights", async () => {
  await session("run");
  const files = new Map<string, Uint8Array>();
  await trainInMemory({
    run: { name: "run", files },
    config: fakeConfig(),
    steps: fakeSteps(),
    engine: fakeEngine(),
    store: fakeStore(),
    versions: { quarterturn: "0.0.0" },
    platform: "test",
  });
  const onDisk = readdirSync(path("run"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(path("run").length + 1));
  const own = (names: Iterable<string>) => [...names].filter((name) => !/lock|control/.test(name)).sort();
  expect(own(files.keys())).toEqual(own(onDisk));
  const read = (name: string): string => readFileSync(path("run", name), "utf8");
  const text = new TextDecoder();
  expect(timeless(text.decode(files.get("metrics.jsonl")))).toEqual(timeless(read("metrics.jsonl")));
  for (const name of onDisk.filter((each) => each.endsWith(".safetensors")))
    expect(Buffer.compare(files.get(name)!, readFileSync(path("run", name))), name).toBe(0);
});

it("a run that has its steps says so, one that has more refuses", () => {
  expect(checkSteps(5, 10, "hint", "More.")).toEqual([]);
  expect(checkSteps(10, 10, "hint", "More.")).toEqual(["This run already has its 10 steps. More."]);
  expect(() => checkSteps(11, 10, "hint", "More.")).toThrow(UserError);
  expect(() => checkSteps(11, 10, "hint", "More.")).toThrow(/already has 11 steps, more than the 10/);
});

import { describe, expect, it } from "vitest";
import { describeEnd } from "./train-end.ts";

describe("the last words", () => {
  it("of a finished run are commands that go on with it, as this program was called; of one that was stopped there are none", () => {
    const end = (reason: string) => describeEnd(reason, 5, 10, 3, "runs/a b", undefined, "npx quarterturn");
    expect(end("finished").split("\n")[1]).toBe(
      "Next: npx quarterturn studio 'runs/a b' · npx quarterturn sample 'runs/a b' · npx quarterturn report 'runs/a b' · npx quarterturn export 'runs/a b'",
    );
    expect(end("interrupted")).toMatch(/The same command continues\.$/);
  });
});

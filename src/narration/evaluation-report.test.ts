/** How long a measurement will take. */
import { expect, it } from "vitest";
import { evaluationProgress } from "./evaluation-report.ts";

it("says how long a phase will take once there is something to go by", () => {
  const said: string[] = [];
  let time = 0;
  const output = {
    ...{ json: false, interactive: true, columns: 200, rows: 24 },
    line: () => undefined,
    warning: () => undefined,
    result: () => undefined,
    status: (text: string) => void said.push(text),
  };
  const report = evaluationProgress(output, () => time);
  const at = (milliseconds: number, what: string, share: number): string => {
    time = milliseconds;
    report({ phase: "metric", what, share, repeat: 0, repeats: 1 });
    return said.at(-1)!;
  };
  expect(at(0, "MS-SSIM", 0)).not.toContain("left");
  expect(at(10_000, "MS-SSIM", 0.25)).toMatch(/25%, about 30 s left/);
  // Another phase has a pace of its own.
  expect(at(11_000, "PRD", 0.5)).not.toContain("left");
});

import { describe, expect, it } from "vitest";
import type { StepEvent } from "../training/events.ts";
import type { Output } from "./output.ts";
import { createTrainReport, describeEnd, statusOf } from "./train-report.ts";

const step = (number: number, time: number): StepEvent => ({
  kind: "step",
  step: number,
  discriminator: { loss: number, rotationAccuracyReal: 0.5 },
  generator: { loss: -number, rotationAccuracyFake: 0.25 },
  learningRate: 1e-4,
  time,
  stepSeconds: 0.5,
  imagesPerSecond: 128,
});

describe("status of a run", () => {
  it("counts everything between steps into the time that is left", () => {
    // Half a second a step, but two seconds from one to the next: sampling and saving take the rest.
    const window = [step(8, 10_000), step(9, 12_000), step(10, 14_000)];
    expect(statusOf(window, 110, 1e9)).toMatchObject({
      step: 10,
      secondsLeft: 200,
      quantities: {
        ...{ discriminatorLoss: 9, generatorLoss: -9, speed: 128, learningRate: 1e-4 },
        ...{ taskAccuracyReal: 0.5, taskAccuracyGenerated: 0.25 },
      },
    });
  });

  it("does not count a pause", () => {
    // Half a second a step, and half an hour in which somebody had paused it.
    const window = Array.from({ length: 50 }, (_, i) => step(i + 1, 500 * i + (i > 25 ? 1_800_000 : 0)));
    expect(statusOf(window, 250, 0).secondsLeft).toBe(100);
  });

  it("has a first guess after one step, and no rotation without self-supervision", () => {
    const plain = { ...step(1, 0), discriminator: { loss: 1 }, generator: { loss: 2 } };
    const { secondsLeft, quantities } = statusOf([plain], 3, 0);
    expect(secondsLeft).toBe(1);
    expect(Object.keys(quantities).filter((key) => key.startsWith("task"))).toEqual([]);
  });
});

describe("the report", () => {
  it("prints plain lines now and then, warnings and pictures always", async () => {
    const lines: string[] = [];
    const output: Output = {
      json: false,
      interactive: false,
      columns: 80,
      rows: 24,
      line: (text) => lines.push(text),
      warning: (text) => lines.push(`warning: ${text}`),
      status: () => undefined,
      result: () => undefined,
    };
    const report = createTrainReport(output, "runs/a", () => 1e6);
    report.onEvent({ kind: "start", step: 0, steps: 100, engine: "cpu" });
    for (let i = 1; i <= 50; i++) report.onEvent(step(i, i * 1000));
    report.onEvent({ kind: "sample", step: 50, file: "samples/0000050.png", diversity: 1 });
    report.onEvent({ kind: "warning", step: 50, name: "x", message: "All alike.", advice: "Wait." });
    expect(lines.filter((line) => line.startsWith("step "))).toHaveLength(5);
    expect(lines.join("\n")).toContain("runs/a/samples/0000050.png");
    expect(lines).toContain("warning: All alike. Wait.");
    expect(report.summary()).toMatchObject({ step: 50, last: { step: 50 }, warnings: ["All alike."] });
  });
});

describe("the last words", () => {
  it("of a finished run are commands that go on with it, as this program was called; of one that was stopped there are none", () => {
    const end = (reason: string) => describeEnd(reason, 5, 10, 3, "runs/a b", undefined, "npx quarterturn");
    expect(end("finished").split("\n")[1]).toBe(
      "Next: npx quarterturn studio 'runs/a b' · npx quarterturn sample 'runs/a b' · npx quarterturn report 'runs/a b' · npx quarterturn export 'runs/a b'",
    );
    expect(end("interrupted")).toMatch(/The same command continues\.$/);
  });
});

import { describe, expect, it } from "vitest";
import type { StepEvent, TrainEvent } from "../training/events.ts";
import type { Teller } from "./progress.ts";
import { createTrainReport, statusOf } from "./train-report.ts";

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
    const output: Teller = {
      interactive: false,
      columns: 80,
      line: (text) => lines.push(text),
      warning: (text) => lines.push(`warning: ${text}`),
      status: () => undefined,
    };
    const tell = createTrainReport(output, "runs/a");
    const report = (event: TrainEvent): void => tell(event, () => 1e6);
    report({ kind: "start", step: 0, steps: 100, engine: "cpu" });
    for (let i = 1; i <= 50; i++) report(step(i, i * 1000));
    report({ kind: "sample", step: 50, file: "samples/0000050.png", diversity: 1 });
    report({ kind: "warning", step: 50, name: "x", message: "All alike.", advice: "Wait." });
    expect(lines.filter((line) => line.startsWith("step "))).toHaveLength(5);
    expect(lines.join("\n")).toContain("runs/a/samples/0000050.png");
    expect(lines).toContain("warning: All alike. Wait.");
  });
});

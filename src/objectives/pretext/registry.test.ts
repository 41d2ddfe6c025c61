/** What holds for every pretext task, whatever it is. */
import { describe, expect, it } from "vitest";
import { input } from "../../graph/index.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { discriminatorOf } from "../networks.ts";
import { tiny } from "../testing/run-steps.ts";
import { resultName } from "./description.ts";
import type { PretextTask } from "./pretext-task.ts";
import { PRETEXT_TASKS, type SelfSupervision, USUAL_TASK } from "./registry.ts";

const tasks = Object.entries<PretextTask | undefined>(PRETEXT_TASKS).flatMap(([name, task]) =>
  task ? [[name as SelfSupervision, task] as const] : [],
);

it("the task of advice keeps the adversarial loss", () => {
  expect((PRETEXT_TASKS[USUAL_TASK] as PretextTask).adversarial.kind).toBe("kept");
});

describe.each(tasks)("%s", (selfSupervision, task) => {
  const { key, classNames, accuracy, views } = task.description;

  it("answers with a logit for each class, and gives each network a loss that the discriminator's heads are in", () => {
    const settings = tiny({ objective: { selfSupervision } });
    const trace = traceNetwork("discriminator", true);
    const batch = { images: input("images", [4, 3, 16, 16]), classes: undefined };
    const { task: outputs } = discriminatorOf(settings).apply(trace.scope, [batch]);
    for (const output of Object.values(outputs!)) expect(output.shape[0]).toBe(4);
    expect(task.description.answers).toBe(task.answers !== undefined);
    if (task.answers) expect(task.answers(outputs!).shape).toEqual([4, classNames.length]);
    expect(trace.parameters.some(({ name }) => name.startsWith("discriminator/finalFc/"))).toBe(
      task.adversarial.kind !== "replaced",
    );
  });

  it("is described: thresholds above chance in their order, views of its classes, the first as it is", () => {
    const { chance, warn, recover, learned } = accuracy;
    expect([chance, warn, recover, learned]).toEqual([chance, warn, recover, learned].sort((a, b) => a - b));
    expect(chance).toBeGreaterThan(0);
    expect(resultName(key, "accuracyReal")).toMatch(/^[a-z]+AccuracyReal$/);
    for (const { label } of views) expect(classNames[label]).toBeDefined();
    const images = input("images", [2, 3, 16, 16]);
    expect(task.transform(images, views[0]!.label)).toBe(images);
    for (const { label } of views) expect(task.transform(images, label).shape).toEqual(images.shape);
  });
});

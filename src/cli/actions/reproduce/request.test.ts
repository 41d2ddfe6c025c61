/** At what size an experiment is run. */
import { expect, it } from "vitest";
import { commandOptions } from "../../command.ts";
import { createOutput } from "../../terminal/output.ts";
import { readReproduceRequest } from "./request.ts";

const request = (name: string, ...argv: string[]) =>
  readReproduceRequest({
    args: [name],
    options: commandOptions(argv, [
      "scale",
      "steps",
      "seeds",
      "data",
      "out",
      "rows",
      "set",
      "jobs",
      "threads",
    ]),
    output: createOutput(false),
  });

it("ImageNet has the paper's lengths for ImageNet, and as many images probed as fit into memory", () => {
  const { steps, scale } = request("table4", "--scale", "paper");
  expect(steps).toBe(1_000_000);
  expect(scale.probe.images).toEqual({ train: 100_000, test: 50_000 });
  expect(request("table5", "--scale", "paper", "--steps", "7").steps).toBe(7);
  const cifar10 = request("table3", "--scale", "paper");
  expect([cifar10.steps, cifar10.scale.probe.images]).toEqual([100_000, undefined]);
  expect(request("table4", "--scale", "tiny").steps).toBe(20);
});

/**
 * Ctrl-C twice ends the program at once, whatever it is doing; one is enough where there is nothing
 * to be saved.
 */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../services/fleet-support.ts";
import { tinyFeatures } from "../support/tiny-features.ts";
import { type Call, makeLabeledPictures, makePictures, TINY, train, Workspace } from "./support.ts";
import { SWEEP } from "./sweep-support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 66);
  await makeLabeledPictures(workspace.path("labeled"), { train: 32, test: 32 });
  writeFileSync(workspace.path("tiny.onnx"), tinyFeatures({ side: 16 }));
  writeFileSync(workspace.path("grid.yaml"), SWEEP.replace(/^steps: .*$/m, "steps: 100000"));
  expect(await workspace.run(...train("done", "--steps", "2"))).toMatchObject({ code: 0 });
});

/**
 * Ctrl-C twice, as a person presses it.
 * @param orderly exit code of an orderly end, which may come before the second
 */
async function pressTwice({ child, ended }: Call, orderly: number): Promise<void> {
  child.kill("SIGINT");
  await Promise.race([setTimeout(400), ended]);
  child.kill("SIGINT");
  const { code } = await ended;
  expect([code, child.signalCode]).toSatisfy(
    ([exit, signal]: unknown[]) => exit === orderly || signal === "SIGINT",
  );
}

/** Words or a file by which a phase is known, and the command that comes to it. */
const phases = async (): Promise<Record<string, readonly [RegExp | string, readonly string[]]>> => {
  const features = ["--features", "tiny.onnx", "--split", "all", "--repeats", "1"];
  const wide = ["generator.width=256", "discriminator.width=256", "data.resolution=32"];
  return {
    packing: [/packing images: /, ["train", "emoji", ...TINY, "--run", "packing", "--no-studio"]],
    "compiling a large network": [
      /images of pictures/,
      [...train("wide", "--no-studio"), ...wide.flatMap((set) => ["--set", set])],
    ],
    training: [/samples training/, train("training", "--steps", "1000000", "--no-studio")],
    "training beside the studio": [/^studio /m, train("beside", "--steps", "1000000")],
    measuring: [
      /^reference: /m,
      ["evaluate", "done", ...features, "--metrics", "fid", "--samples", "50000000"],
    ],
    "a probe": [
      /images of labeled \(test part\)/,
      ["probe", "done", "--data", "labeled", "--epochs", "1000000"],
    ],
    "an export": ["exported", ["export", "done", "--out", "exported"]],
    "a sweep": [/: training/, ["sweep", "grid.yaml", "--out", "swept"]],
    "waiting for a queue": [
      /warning: the queue/,
      ["sweep", "grid.yaml", "--out", "queued", "--queue", `redis://127.0.0.1:${await freePort()}`],
    ],
    "the studio": [/shows the runs/, ["studio", ".", "--port", "0"]],
  };
};

describe("Ctrl-C twice", () => {
  it.each([
    "packing",
    "compiling a large network",
    "training",
    "training beside the studio",
    "measuring",
    "a probe",
    "an export",
    "a sweep",
    "waiting for a queue",
    "the studio",
  ])("ends %s", async (name) => {
    const [pattern, args] = (await phases())[name]!;
    const call = workspace.start(...args);
    if (typeof pattern === "string") while (!existsSync(workspace.path(pattern))) await setTimeout(10);
    else await call.saw(pattern);
    // Ctrl-C is how the studio is ended, so that it has done what it was to do.
    await pressTwice(call, name === "the studio" ? 0 : 130);
  });
});

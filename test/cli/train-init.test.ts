/** `train --init RUN`: the weights of another run to begin with. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePictures, TINY, train, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 72);
  await makePictures(workspace.path("others"), 66, 7);
  expect((await workspace.run(...train("first", "--steps", "2"), "--no-studio")).code).toBe(0);
});
afterAll(() => workspace.remove());

const others = (run: string, ...more: string[]): string[] => [
  ...["train", "others", ...TINY, "--run", run, "--no-studio", "--init", "first"],
  ...more,
];
const grid = (run: string, step: number, kind = ""): Buffer =>
  readFileSync(workspace.path(run, "samples", `${String(step).padStart(7, "0")}${kind}.png`));

it("a run on other images begins with the very generator of another run, and goes on with the same command", async () => {
  const { code, stderr } = await workspace.run(...others("second", "--steps", "1"));
  expect(stderr).toBe("");
  expect(code).toBe(0);
  for (const kind of ["", "-ema"]) expect(grid("second", 0, kind)).toEqual(grid("first", 2, kind));
  expect(grid("second", 1)).not.toEqual(grid("first", 2));

  const again = await workspace.run(...others("second", "--steps", "2"));
  expect(again.code).toBe(0);
  expect(again.stdout).not.toMatch(/step 0\b/);
});

it("takes what it needs: a plain GAN begins with a self-supervised one", async () => {
  // Without turned images, the number of them would have no effect.
  const plain = others("plain", "--steps", "1", "--set", "objective.selfSupervision=none");
  const rotated = plain.indexOf("objective.rotatedBatch=16");
  plain.splice(rotated - 1, 2);
  const { code } = await workspace.run(...plain);
  expect(code).toBe(0);
  expect(grid("plain", 0)).toEqual(grid("first", 2));
});

it.each([
  ["first", ["--set", "generator.width=16"], /cannot be taken over: [\s\S]*is \[.*\] there and/],
  ["pictures", [], /training\.init names .*pictures, which is no run folder/],
])("%s %j is refused in words", async (init, more, message) => {
  const { code, stderr } = await workspace.run(
    ...["train", "others", ...TINY, "--run", "refused", "--no-studio", "--steps", "1", "--init", init],
    ...more.filter((word) => word !== ""),
  );
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/same networks/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
});

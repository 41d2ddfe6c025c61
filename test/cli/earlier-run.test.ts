/**
 * A run that an earlier version began goes on under this one, to where that version went itself
 * (test/goldens/README.md says how the files were made). Between machines there is rounding; on one
 * machine the bits were equal.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { unzipSync } from "fflate";
import { afterAll, expect, it } from "vitest";
import { readGolden } from "../support/safetensors.ts";
import { Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const norm = (values: readonly number[]): number => Math.hypot(...values);

it("goes on from its checkpoint, and ends where the earlier version did", async () => {
  const archive = new URL("../goldens/earlier/run.zip", import.meta.url);
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(archive)))) {
    mkdirSync(dirname(workspace.path(path)), { recursive: true });
    writeFileSync(workspace.path(path), bytes);
  }
  const { code, stdout, stderr } = await workspace.run("train", "--run", "earlier", "--no-studio");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Continuing at step 6 of 12 on /m);
  expect(stdout).toMatch(/^Done: 12 of 12 steps/m);
  for (const file of ["weights.safetensors", "state.safetensors"]) {
    const read = (...folder: string[]) => readGolden(pathToFileURL(workspace.path(...folder, file)));
    const [ours, theirs] = [read("earlier", "checkpoints", "0000012"), read("expected")];
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    const before = read("earlier", "checkpoints", "0000006");
    let [apart, moved] = [0, 0];
    for (const [name, { shape, data }] of theirs) {
      expect(ours.get(name)!.shape, name).toEqual(shape);
      const from = (other: ArrayLike<number>) =>
        Array.from(data, (value, i) => Number(value) - Number(other[i]));
      apart += norm(from(ours.get(name)!.data)) ** 2;
      moved += norm(from(before.get(name)!.data)) ** 2;
    }
    expect(moved).toBeGreaterThan(0);
    expect(Math.sqrt(apart / moved), `${file}: distance as a share of the way`).toBeLessThan(1e-2);
  }
});

/** What a killed process leaves beside its files goes, and nothing else does. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nameBeside, removeUnfinished, writeFileWhole } from "./files.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;
const make = async (...names: string[]): Promise<void> => {
  for (const name of names) await writeFile(join(folder, name), "");
};

it("writing a file removes what killed processes left of the same one, in any folder", async () => {
  const dead = deadPid();
  await make(`report.html.4.${dead}.tmp`, `other.html.4.${dead}.tmp`, "report.html.tmp", "report.html.1.tmp");
  await writeFileWhole(join(folder, "report.html"), "new");
  expect((await readdir(folder)).sort()).toEqual(
    ["report.html", `other.html.4.${dead}.tmp`, "report.html.tmp", "report.html.1.tmp"].sort(),
  );
});

it("a file that this process is writing is not taken for one that was left", async () => {
  const { beside, over } = await nameBeside(join(folder, "a"));
  await writeFile(beside, "");
  await removeUnfinished(folder);
  expect(await readdir(folder)).toHaveLength(1);
  over();
  await removeUnfinished(folder);
  expect(await readdir(folder)).toEqual([]);
});

it.runIf(process.platform === "linux")(
  "a process number used again does not keep what its first bearer left",
  async () => {
    const name = `a.pack.3.${process.ppid}.tmp`;
    await make(name);
    await removeUnfinished(folder);
    expect(await readdir(folder)).toEqual([name]);
    const before = new Date(Date.now() - 3e9);
    await utimes(join(folder, name), before, before);
    await removeUnfinished(folder);
    expect(await readdir(folder)).toEqual([]);
  },
);

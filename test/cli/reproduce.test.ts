/**
 * Tables and figures of the paper at a scale of seconds: stopped and gone on with, sharing runs,
 * lengthened, and beside the published numbers.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/studies/reproduce/report.ts";
import { makeLabeledPictures, makePictures, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(() => makeLabeledPictures(workspace.path("classes"), { train: 33, test: 8 }));
afterAll(() => workspace.remove());

const command = (name: string, ...more: string[]): string[] => [
  "reproduce",
  name,
  ...["--scale", "tiny", "--data", "classes", "--out", "out", "--threads", "1"],
  ...more,
];
const report = (name: string): Report =>
  JSON.parse(readFileSync(workspace.path("out", name, `${name}.json`), "utf8")) as Report;
const text = (name: string, ending: string): string =>
  readFileSync(workspace.path("out", name, `${name}.${ending}`), "utf8");

describe("runs", () => {
  it("that were stopped go on with the same command, and give table and figure", async () => {
    const call = workspace.start(...command("fig2"));
    await call.saw(/ SS-GAN: training/);
    call.child.kill("SIGTERM");
    expect((await call.ended).code).toBe(130);
    expect(report("fig2").complete).toBe(false);
    expect(text("fig2", "md")).toContain("**Not complete**");

    const { code, stdout } = await workspace.run(...command("fig2"));
    expect(code).toBe(0);
    expect(stdout).toContain(" Uncond-GAN: was done before");
    expect(stdout).toContain(" SS-GAN: done");
    const { complete, cells, runs } = report("fig2");
    expect(complete).toBe(true);
    expect(runs.map(({ label, step }) => [label, step])).toEqual([
      ["Uncond-GAN", 20],
      ["SS-GAN", 20],
    ]);
    expect(cells.find(({ row, column }) => row === "SS-GAN" && column === "at the end")).toMatchObject({
      published: { value: 0.383, knowledge: "curve" },
      here: { seeds: [1], step: 20 },
    });
    expect(text("fig2", "md")).toContain("| at the end, paper | at the end, here |");
    expect(text("fig2", "csv").split("\r\n")[0]).toContain("published,publishedDeviation");
    expect(text("fig2", "svg")).toContain("Paper: ImageNet");
    expect(readFileSync(workspace.path("out/fig2/fig2.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  it("are shared with other tables, and only read with --report", async () => {
    const shared = await workspace.run(...command("table2", "--rows", "sn-b0-d1"));
    expect(shared.code).toBe(0);
    expect(shared.stdout).not.toContain(": training");
    expect(report("table2").runs.map(({ id }) => id)).toEqual(report("fig2").runs.map(({ id }) => id));
    expect(
      report("table2").cells.map(({ published, here }) => [published?.value, here?.values.length]),
    ).toEqual([
      [87.86, 1],
      [19.65, 1],
    ]);
    expect(text("table2", "md")).toMatch(/\| SN, β \(0, 0.9\), 1 D step \| 87.86 ± 3.44 † \| [\d.]+ \|/);

    const read = await workspace.run(...command("table1", "--report"));
    expect(read.code).toBe(0);
    const { complete, cells, runs } = report("table1");
    expect(complete).toBe(false);
    expect(runs.map(({ label, state }) => [label, state])).toEqual([
      ["Uncond-GAN", "done"],
      ["Cond-GAN", "waiting"],
      ["SS-GAN", "done"],
      ["SS-GAN (sBN)", "waiting"],
    ]);
    expect(cells.find(({ row }) => row === "Cond-GAN")).not.toHaveProperty("here");
    expect(readdirSync(workspace.path("out/runs"))).toHaveLength(2);
  });

  it("become longer ones, whatever was measured before", async () => {
    const longer = await workspace.run(...command("table2", "--rows", "sn-b0-d1", "--steps", "25"));
    expect(longer.code).toBe(0);
    const { runs, cells } = report("table2");
    expect(runs.map(({ id, step }) => [id, step])).toEqual(report("fig2").runs.map(({ id }) => [id, 25]));
    expect(cells[0]!.here!.step).toBe(25);
    // Asked for the shorter length again, the numbers are those of that length.
    expect((await workspace.run(...command("fig2"))).code).toBe(0);
    expect(report("fig2").cells.find(({ column }) => column === "at the end")!.here!.step).toBe(20);
  });

  it("are probed once for table 3", async () => {
    const { code, stdout } = await workspace.run(...command("table3", "--jobs", "2"));
    expect(code).toBe(0);
    expect(stdout.match(/: probed/g)).toHaveLength(4);
    const { complete, cells } = report("table3");
    expect(complete).toBe(true);
    const best = cells.find(({ row, column }) => row === "best" && column === "Rot-only");
    expect(best).toMatchObject({ published: { value: 0.762, knowledge: "memory" }, here: { seeds: [1] } });
    expect((await workspace.run(...command("table3"))).stdout).not.toContain(": probed");
  });

  it("whose probes are kept are in the table of a reproduction that was stopped, too", async () => {
    const before = report("table3").cells;
    const call = workspace.start(...command("table3", "--seeds", "2"));
    await call.saw(/seed 2 .*: training/);
    call.child.kill("SIGTERM");
    expect((await call.ended).code).toBe(130);
    expect(report("table3")).toMatchObject({ complete: false, cells: before });
    // Runs that have gone on are not yet probed: what stands is more than what could be written.
    const whole = text("table3", "json");
    const longer = workspace.start(...command("table3", "--steps", "25"));
    await longer.saw(/ Rot-only: training/);
    longer.child.kill("SIGTERM");
    const { code, stdout } = await longer.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("Not written: out/table3 holds a result of the same runs that has more in it");
    expect(text("table3", "json")).toBe(whole);
  });
});

it("the family is one table: quality, probe, task, speed and memory of every method", async () => {
  const { code } = await workspace.run(...command("family", "--steps", "2", "--jobs", "2"));
  expect(code).toBe(0);
  const { complete, cells, runs } = report("family");
  expect(complete).toBe(true);
  expect(new Set(runs.map(({ label }) => label)).size).toBe(9);
  const here = (row: string, column: string) =>
    cells.find((cell) => cell.row === row && cell.column === column)?.here?.mean;
  for (const { label } of runs) {
    for (const column of ["FID", "KID", "linear probe"]) expect(here(label, column)).toBeTypeOf("number");
    expect(here(label, "steps a second")).toBeGreaterThan(0);
    expect(here(label, "memory, MB")).toBeGreaterThan(20);
    const hasTask = /^(SS|jigsaw)/.test(label);
    expect(here(label, "task accuracy") === undefined).toBe(!hasTask);
  }
  expect(text("family", "md")).toMatch(/\| SS-GAN \| 14\.65 \| [\d.]+ \| 0\.0101 \|/);
});

describe("a result that is there", () => {
  const files = ["md", "csv", "json", "svg"];
  const all = () => files.map((ending) => text("fig2", ending));
  const other = ["--set", "optimizer.learningRate=0.0003"];
  const refused = async (...args: string[]): Promise<string> => {
    const before = all();
    const { code, stderr, stdout } = await workspace.run(...args);
    expect(code).toBe(2);
    expect(stdout).not.toContain("training");
    expect(stderr).toContain("out/fig2 holds a result of");
    expect(stderr).toContain("Give another folder with --out");
    expect(all()).toEqual(before);
    return stderr;
  };

  it("is not replaced by one of other data, nor is any packed", async () => {
    const noData = ["reproduce", "fig2", "--scale", "tiny", "--out", "out"];
    for (const more of [["--report"], ["--dry-run"], []])
      expect(await refused(...noData, ...more)).toContain("of other data (classes");
    expect(readdirSync(workspace.path("cache"), { recursive: true }).join()).not.toMatch(/emoji/);
  });

  it("is not replaced by one of other settings that has less in it", async () => {
    expect(await refused(...command("fig2", ...other, "--report"))).toMatch(/of other settings .*8 of its 8/);
    expect(await refused(...command("fig2", ...other, "--steps", "10"))).toContain(
      "its runs have 20 steps, these would have 10",
    );
  });

  it("is replaced by one of other settings as soon as that has as much", async () => {
    const before = all();
    const call = workspace.start(...command("fig2", ...other));
    await call.saw(/ Uncond-GAN: training/);
    call.child.kill("SIGTERM");
    const stopped = await call.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain("Not written: out/fig2 holds a result of other settings");
    expect(all()).toEqual(before);
    expect((await workspace.run(...command("fig2", ...other))).code).toBe(0);
    expect(report("fig2")).toMatchObject({
      complete: true,
      settings: { "optimizer.learningRate": "0.0003" },
    });
    // And back again, from the runs that are there.
    expect((await workspace.run(...command("fig2", "--report"))).code).toBe(0);
    expect(all()[0]).toBe(before[0]);
  });

  it("is replaced by other rows of the same, and by one with fewer seeds", async () => {
    const ids = (): string[] => report("table2").runs.map(({ id }) => id);
    const one = command("table2", "--rows", "sn-b0-d1");
    expect((await workspace.run(...one, "--seeds", "2", "--report")).code).toBe(0);
    expect(ids()).toHaveLength(4);
    expect((await workspace.run(...one, "--report")).code).toBe(0);
    expect(ids()).toHaveLength(2);
    expect((await workspace.run(...command("table2", "--rows", "gp1-b0-d1", "--report"))).code).toBe(0);
    expect(report("table2").cells.every(({ here }) => here === undefined)).toBe(true);
  });
});

it("table 5 is of the network for ImageNet, in any labeled folder, and has the other methods beside it", async () => {
  const tiny = ["--steps", "4", "--set", "training.evaluateEvery=0", "--set", "training.probeEvery=0"];
  expect((await workspace.run(...command("table5", ...tiny))).code).toBe(0);
  const { cells, complete, runs } = report("table5");
  expect(complete).toBe(true);
  expect(cells.map(({ row, published, here }) => [row, published!.value, here?.step])).toEqual([
    ["Context", 0.317, undefined],
    ["BiGAN", 0.31, undefined],
    ["Colorization", 0.326, undefined],
    ["RotNet", 0.387, undefined],
    ["DeepClustering", 0.41, undefined],
    ["SS-GAN (sBN)", 0.383, 4],
  ]);
  expect(text("table5", "md")).toContain("| RotNet | 0.387 | – |");
  // Table 4 has the same run in it, and six blocks.
  expect((await workspace.run(...command("table4", ...tiny, "--report"))).code).toBe(0);
  expect(report("table4").runs.map(({ id }) => id)).toContain(runs[0]!.id);
  const ours = report("table4").cells.filter(({ column }) => column === "SS-GAN (sBN)");
  expect(ours.map(({ row, published, here }) => [row, published?.value, here?.step])).toEqual([
    ["Block0", 0.158, 4],
    ["Block1", 0.222, 4],
    ["Block2", 0.25, 4],
    ["Block3", 0.327, 4],
    ["Block4", 0.358, 4],
    ["Block5", 0.383, 4],
    ["best", 0.383, 4],
  ]);
  expect(text("table4", "md")).toContain("0.383 †");
});

it("the online study is one of them", async () => {
  // Nothing is there yet, and nothing is trained.
  expect((await workspace.run(...command("fig3", "--report"))).code).toBe(0);
  expect(report("fig3").complete).toBe(false);
  const { code } = await workspace.run(...command("fig3"));
  expect(code).toBe(0);
  const { complete, cells } = report("fig3");
  expect(complete).toBe(true);
  // Two classes are not the paper's ten tasks: there is nothing to set beside it.
  expect(cells.every(({ published, here }) => published === undefined && here !== undefined)).toBe(true);
  expect(existsSync(workspace.path("out/fig3/fig3.svg"))).toBe(true);
});

describe("before anything is trained", () => {
  it("--dry-run shows the scale, the runs and the time", async () => {
    const dry = await workspace.run(...command("alpha", "--dry-run"));
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/generator\.width +8/);
    expect(dry.stdout).toMatch(/0\/20 .* α = 0\.5/);
    expect(dry.stdout).toMatch(/About .* of training/);
  });

  it("mistakes are said", async () => {
    const errors = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await workspace.run("reproduce", ...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await errors("table6")).toContain('Did you mean "table');
    expect(await errors("table1", "--scale", "large")).toContain("Known: paper, laptop, tiny");
    expect(await errors("table2", "--rows", "sn-b0-d3")).toContain('Did you mean "sn-b0-d');
    expect(await errors("table1", "--rows", "sn-b0-d1")).toContain("has no effect on table1");
    expect(await errors("fig3", "--steps", "5")).toContain("has no effect on fig3");
    await makePictures(workspace.path("plain/train"), 66);
    await makePictures(workspace.path("plain/test"), 8);
    expect(await errors("fig2", "--scale", "tiny", "--data", "plain", "--out", "none")).toContain(
      "no class labels",
    );
    expect(existsSync(workspace.path("none"))).toBe(false);
  });
});

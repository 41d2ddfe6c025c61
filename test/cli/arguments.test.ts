/** Mistakes and help on the real command line; src/cli/mistakes.test.ts has all mistakes. */
import { readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

describe("a mistake on the command line", () => {
  it.each<[string, string[], RegExp]>([
    ["unknown command", ["trian"], /Unknown command "trian"[\s\S]*Did you mean "train"/],
    [
      "unknown option",
      ["train", "--stesp", "5"],
      /Unknown option "--stesp" for train[\s\S]*Did you mean "--steps"/,
    ],
    ["two values for one thing", ["train", "--steps", "5", "--set", "training.steps=6"], /given twice/],
    ["sample of no run", ["sample", "."], /not a run folder/],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await workspace.run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(stdout).not.toMatch(/Training/);
    expect(readdirSync(workspace.folder).filter((name) => name !== "cache")).toEqual([]);
  });

  it("is a JSON document on stdout with --json", async () => {
    const { code, stdout, stderr } = await workspace.run("presets", "labtop", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ message: 'Unknown preset "labtop".' });
    expect(stderr).toContain("labtop");
  });
});

describe("help", () => {
  it("lists the commands, and is what no command at all gets", async () => {
    const [help, nothing] = await Promise.all([workspace.run("--help"), workspace.run()]);
    expect(help.code).toBe(0);
    for (const command of ["train", "sample", "presets", "doctor"]) expect(help.stdout).toContain(command);
    expect(nothing).toEqual(help);
  });

  it("of train shows options and examples, and under config every configuration path", async () => {
    const [{ stdout: help }, { stdout: config }, { code, stderr }] = await Promise.all([
      workspace.run("train", "--help"),
      workspace.run("train", "--help", "config"),
      workspace.run("train", "--help", "confg"),
    ]);
    for (const text of ["--dry-run", "$ quarterturn train ~/pictures", "train --help config"])
      expect(help).toContain(text);
    expect(help.split("\n").length).toBeLessThan(50);
    for (const text of ["objective.selfSupervision", "engine.threads"]) {
      expect(config).toContain(text);
      expect(help).not.toContain(text);
    }
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "config"?');
  });

  it("of train shows the values that train FOLDER has, not those of the schema", async () => {
    const [{ stdout: help }, { stdout: preset }] = await Promise.all([
      workspace.run("train", "--help", "config"),
      workspace.run("presets", "laptop", "--json"),
    ]);
    const { values } = JSON.parse(preset) as { values: { path: string; value: unknown }[] };
    for (const path of ["training.steps", "generator.width", "optimizer.learningRate"]) {
      const line = help.split("\n").find((each) => each.trim().startsWith(`${path} `))!;
      const { value } = values.find((each) => each.path === path)!;
      expect(Number(/\(default: ([^)]+)\)/.exec(line)![1]!.replaceAll(",", "")), path).toBe(value);
    }
  });

  it("of presets without a name lists them, and says which there cannot be", async () => {
    const { stdout } = await workspace.run("presets");
    expect(stdout).toMatch(/^ *paper\/robustness\/imagenet128\/gp1-b0-d1-ssgan /m);
    expect(stdout).toMatch(/no cond for lsun-bedroom128 and celebahq128: .* no classes/);
  });

  it("of presets shows each with the source of its values", async () => {
    const { code, stdout } = await workspace.run("presets", "paper/cifar10/ssgan", "--json");
    expect(code).toBe(0);
    const { values } = JSON.parse(stdout) as { values: { path: string; value: unknown; reason: string }[] };
    expect(values.find(({ path }) => path === "generator.width")).toMatchObject({
      value: 256,
      reason: expect.stringContaining("compare_gan"),
    });
    for (const { path, reason } of values) expect(reason, path).not.toBe("");
  });
});

describe("doctor", () => {
  it("starts the engine, measures it, and says what is ready", async () => {
    const { code, stdout } = await workspace.run("doctor", "--json");
    const { ready, checks } = JSON.parse(stdout) as {
      ready: boolean;
      checks: { name: string; state: string; found: string; remedy?: string }[];
    };
    expect({ code, ready }).toEqual({ code: 0, ready: true });
    expect(checks.find(({ name }) => name === "Device cpu")?.found).toMatch(/ONNX Runtime .* GFLOP\/s/);
    expect(checks.find(({ name }) => name === "Device auto")?.found).toMatch(/^is \w+ \(auto/);
    expect(checks.find(({ name }) => name === "Features")?.found).toMatch(/^resnet20-cifar10 is the default/);
    const missing = checks.find(
      ({ name }) => name === (process.platform === "darwin" ? "Device dml" : "Device coreml"),
    );
    expect(missing).toMatchObject({
      state: "absent",
      remedy: expect.stringMatching(/ is available on .* only/),
    });
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Node", "Processor", "Memory", "Images", "Data cache"]),
    );
  });
});

it("forgetting is the first of the paper's two studies, and says where the second is", async () => {
  const { code, stdout } = await workspace.run("forgetting", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("quarterturn reproduce fig2");
  expect(stdout).toContain("--device <name>");
});

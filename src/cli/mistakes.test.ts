/**
 * Mistakes on the command line: a message with what to do, exit code 2, and nothing made or
 * changed.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMain } from "./testing/run-main.ts";

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "quarterturn-mistakes-"));
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe("a mistake on the command line", () => {
  it.each<[string, string[], RegExp]>([
    ["unknown command", ["trian"], /Unknown command "trian"[\s\S]*Did you mean "train"/],
    [
      "unknown option",
      ["train", "--stesp", "5"],
      /Unknown option "--stesp" for train[\s\S]*Did you mean "--steps"/,
    ],
    ["unknown option without a command", ["--foo"], /Unknown option "--foo"/],
    [
      "images of trainings that the page may start, which are not there",
      ["studio", ".", "--data", "nowhere"],
      /--data nowhere: there is no such folder/,
    ],
    [
      "trainings started by whoever reaches the page",
      ["studio", ".", "--data", ".", "--host", "0.0.0.0"],
      /this machine only[\s\S]*Leave --host out, or --data/,
    ],
    [
      "trainings started through a proxy",
      ["studio", ".", "--data", ".", "--allow-host", "gan.example.org"],
      /this machine only[\s\S]*Leave --allow-host out, or --data/,
    ],
    [
      "unknown preset",
      ["train", "--preset", "labtop"],
      /Unknown preset "labtop"[\s\S]*Did you mean "laptop"/,
    ],
    ["unknown preset to show", ["presets", "paper/cifar10/sgan"], /Did you mean "paper\/cifar10\/ssgan"/],
    [
      "unknown device",
      ["train", "--device", "cpuu"],
      /engine\.device[\s\S]*"cpuu" \(--device\)[\s\S]*Did you mean "cpu"/,
    ],
    [
      "unknown device of a study",
      ["forgetting", "--device", "cpuu", "."],
      /device "cpuu"[\s\S]*Did you mean "cpu"/,
    ],
    [
      "device of another system",
      ["train", "--device", process.platform === "win32" ? "coreml" : "dml"],
      /cannot be used on this machine[\s\S]*--device cpu/,
    ],
    [
      "unknown configuration path",
      ["train", "--set", "trainig.steps=5"],
      /Unknown configuration path[\s\S]*Did you mean "training\.steps"/,
    ],
    ["value out of range", ["train", "--steps", "0"], /--steps expects a whole number ≥ 1, got "0"/],
    [
      "value that is no number",
      ["train", "--seed", "seven"],
      /--seed expects a whole number ≥ 0, got "seven"/,
    ],
    ["value missing", ["train", "--run"], /value is missing/],
    ["--set without a value", ["train", "--set", "training.steps"], /expected path=value/],
    [
      "interval out of range",
      ["train", "--evaluate-every", "often"],
      /--evaluate-every expects a whole number ≥ 0, got "often"/,
    ],
    [
      "interval given twice",
      ["train", "--evaluate-every", "20", "--set", "training.evaluateEvery=30"],
      /training\.evaluateEvery is given twice: 30 by --set and 20 by --evaluate-every/,
    ],
    ["option given twice", ["train", "--steps", "5", "--steps", "6"], /--steps is given 2 times/],
    ["two values for one thing", ["train", "--steps", "5", "--set", "training.steps=6"], /given twice/],
    [
      "networks that do not fit",
      ["train", "--preset", "paper/cifar10/ssgan", "--set", "generator.architecture=sngan-resnet"],
      /\[-1, 1\][\s\S]*\[0, 1\][\s\S]*discriminator\.architecture=sngan-resnet/,
    ],
    [
      "more rotated images than there are",
      ["train", "--set", "training.batchSize=2"],
      /rotatedBatch[\s\S]*=8/,
    ],
    ["--profile of a real run", ["train", "--profile", "p"], /--profile is given without --dry-run/],
    ["--all of a real run", ["train", "--all"], /--all is given without --dry-run/],
    ["--fork and --new", ["train", "--fork", "--new"], /contradict each other/],
    ["nothing to fork", ["train", "--fork", "--run", "nowhere"], /no run in .*nowhere to fork from/],
    ["an argument too many", ["train", "a", "b"], /Unused args: "b"/],
    ["sample without a run", ["sample"], /Missing required args/],
    ["sample of no run", ["sample", "."], /not a run folder/],
    [
      "--frames without --interpolate",
      ["sample", ".", "--frames", "9"],
      /--frames is given without --interpolate/,
    ],
    [
      "numbers of what is no map",
      ["embed", "emoji", "--run", ".", "--numbers", "4"],
      /--numbers would change nothing: [\s\S]*pooled is no map[\s\S]*--block block2/,
    ],
    [
      "maps without the discriminator",
      ["export", ".", "--only", "generator,weights", "--maps"],
      /--maps would change nothing: it is for discriminator; what is written is generator, weights[\s\S]*--only/,
    ],
    [
      "a license without the card",
      ["export", ".", "--out", "x.onnx", "--license", "mit"],
      /--license would change nothing: it is for card; what is written is generator/,
    ],
    [
      "averaged weights of what is not averaged",
      ["export", ".", "--only", "discriminator", "--no-ema"],
      /--no-ema would change nothing/,
    ],
    [
      "a checkpoint for a page that needs none",
      ["export", ".", "--only", "example", "--step", "2"],
      /--step would change nothing/,
    ],
    [
      "a threshold where nothing is judged",
      ["orient", "emoji", "--run", ".", "--evaluate", "--threshold", "0.5"],
      /--threshold would change nothing: --evaluate measures the head[\s\S]*Leave --threshold out/,
    ],
    [
      "a list where nothing is judged",
      ["orient", "emoji", "--run", ".", "--evaluate", "--list", "x.csv"],
      /--list would change nothing/,
    ],
    [
      "a checkpoint of the untrained network",
      ["probe", ".", "--untrained", "--step", "5"],
      /--step would change nothing: --untrained/,
    ],
    [
      "threads for nothing",
      ["report", ".", "--no-walk", "--threads", "2"],
      /--threads would change nothing: with --no-walk/,
    ],
    [
      "weights for a list",
      ["features", "list", "--from", "x.pth"],
      /features list takes no --from\.\s+It takes no options but --json/,
    ],
    [
      "another action's option",
      ["data", "fetch", "cifar10", "--count", "3"],
      /data fetch takes no --count\.\s+It takes --out, --mirror, --keep-archives/,
    ],
    ["a grid that is no PNG", ["sample", ".", "--out", "grid.jpg"], /\.png/],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await runMain(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(stdout).not.toMatch(/Training/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

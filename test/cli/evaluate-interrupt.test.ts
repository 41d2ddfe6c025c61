/**
 * Ctrl-C while `evaluate` and `compare` measure: they end in order, and leave nothing half done
 * behind.
 */
import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyFeatures } from "../support/tiny-features.ts";
import { type Call, contents, makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const FEATURES = ["--features", "tiny.onnx"];

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  writeFileSync(workspace.path("tiny.onnx"), tinyFeatures({ side: 16 }));
  const standing = ["generator.statistics=standing", "generator.standingSamples=64"];
  const sets = standing.flatMap((set) => ["--set", set]);
  const { code, stderr } = await workspace.run(
    "train",
    "pictures",
    ...TINY,
    "--run",
    "a",
    "--steps",
    "2",
    ...sets,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

/** What is in a folder of the workspace, if there is one. */
const within = (folder: string): Record<string, string> =>
  existsSync(workspace.path(folder)) ? contents(workspace.path(folder)) : {};

/** Ctrl-C as soon as something was printed. */
async function interruptAt(call: Call, pattern: RegExp): Promise<Awaited<Call["ended"]>> {
  await call.saw(pattern);
  call.child.kill("SIGINT");
  return call.ended;
}

describe("evaluate", () => {
  // So many samples that nobody waits for their end.
  const args = ["evaluate", "a", ...FEATURES, "--split", "all", "--metrics", "fid", "--repeats", "1"];
  const endless = [...args, "--samples", "50000000"];

  it("ends, leaves run and cache as they are, and measures the same the next time", async () => {
    const before = within("a");
    const call = workspace.start(...endless);
    const { code, stdout, stderr } = await interruptAt(call, /^reference: /m);
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toMatch(/Stopping…[\s\S]*Stopped\./);
    expect(within("a")).toEqual(before);
    expect(Object.keys(within("cache")).filter((name) => !/\.(pack|stats|qtpack)$/.test(name))).toEqual([]);

    const measure = async () => JSON.parse((await workspace.run(...args, "--json")).stdout);
    const first = await measure();
    const cached = within("cache");
    const again = await interruptAt(workspace.start(...endless), /^reference: /m);
    expect(again.code).toBe(130);
    expect(within("cache")).toEqual(cached);
    const second = await measure();
    expect(second.evaluations[0].metrics).toEqual(first.evaluations[0].metrics);
  });

  it("says so in one JSON document", async () => {
    const call = workspace.start(...endless, "--json");
    // Progress goes to stderr then.
    let progress = "";
    await new Promise<void>((done) =>
      call.child.stderr!.on("data", (text: string) => {
        progress += text;
        if (progress.includes("reference: ")) done();
      }),
    );
    call.child.kill("SIGINT");
    const { code, stdout } = await call.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({ reason: "interrupted" });
  });
});

describe("compare", () => {
  it("ends while it measures", async () => {
    const many = ["--repeats", "100", "--samples", "60", "--metrics", "all"];
    const call = workspace.start(
      "compare",
      "pictures",
      "pictures",
      ...FEATURES,
      "--resolution",
      "16",
      ...many,
    );
    const { code, stdout, stderr } = await interruptAt(call, /images of pictures/);
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toMatch(/Stopped; nothing was compared/);
    expect(stdout).not.toMatch(/FID/);
  });

  it("ends while it packs images, of which nothing is left", async () => {
    const before = within("cache");
    const call = workspace.start("compare", "emoji", "pictures", ...FEATURES, "--resolution", "16");
    const { code, stderr } = await interruptAt(call, /packing images: /);
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(within("cache")).toEqual(before);
  });
});

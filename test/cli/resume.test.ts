/**
 * Never lose work, shown on the real program: runs killed and interrupted at moments nobody chose,
 * continued by the same command, end in the very bits of a run that nobody disturbed.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import { withoutTiming } from "../../src/training/testing/without-timing.ts";
import { readGolden } from "../support/safetensors.ts";
import { type Call, makePictures, Workspace } from "./support.ts";

const STEPS = 40;
const workspace = new Workspace();

/**
 * Wide enough for two threads to share the work, and with everything in use that a snapshot must
 * carry: both of Adam's moments, averaging, a rate that falls, several epochs.
 */
const SETTINGS = [
  "data.resolution=16",
  "generator.width=32",
  "generator.latentSize=16",
  "discriminator.width=32",
  "objective.rotatedBatch=16",
  "training.batchSize=8",
  "training.checkpointEvery=2",
  "training.keepCheckpoints=2",
  "training.sampleEvery=7",
  "training.emaStart=5",
  "optimizer.beta1=0.5",
  "optimizer.decay=linear",
  "engine.threads=2",
].flatMap((set) => ["--set", set]);
/** Folders of one name in different places: nothing in them may differ, not even a title. */
const folderOf = (run: string, ...parts: string[]): string => workspace.path(run, "run", ...parts);
const train = (run: string): string[] => [
  "train",
  "pictures",
  ...SETTINGS,
  "--steps",
  String(STEPS),
  "--run",
  join(run, "run"),
];

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 66);
  const whole = await workspace.run(...train("whole"));
  expect(whole).toMatchObject({ code: 0, stderr: "" });
});
afterAll(() => workspace.remove());

/** The last step on record, 0 before the first; a line may be half written. */
function lastStep(run: string): number {
  const record = folderOf(run, "metrics.jsonl");
  const lines = existsSync(record) ? readFileSync(record, "utf8").split("\n") : [];
  return lines.reduce((last, line) => Number(/^\{"kind":"step","step":(\d+),/.exec(line)?.[1] ?? last), 0);
}

async function reaches(run: string, step: number, call: Call): Promise<void> {
  let running = true;
  void call.ended.then(() => {
    running = false;
  });
  while (lastStep(run) < step) {
    if (!running) throw new Error(`ended before step ${step}: ${JSON.stringify(await call.ended)}`);
    await setTimeout(1);
  }
}

/**
 * Every tensor, picture and record of a run, the times taken out: name → contents or their hash.
 */
function outcome(run: string): Record<string, unknown> {
  const folder = folderOf(run);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const contents: Record<string, unknown> = {};
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (name === "environment.json" || name.includes("tfevents")) continue; // one entry, one file a session, by design
    if (name === "metrics.jsonl") {
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      contents[name] = lines.map((line) => withoutTiming(JSON.parse(line)));
      continue;
    }
    contents[name] = hash(readFileSync(path));
    // The file's hash says whether anything differs, the tensors' say what.
    if (name.endsWith(".safetensors"))
      for (const [tensor, { data }] of readGolden(new URL(`file://${path}`)))
        contents[`${name} ${tensor}`] = hash(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return contents;
}

/** The undisturbed run really holds what is going to be compared. */
it("the undisturbed run has all there is to compare", () => {
  const whole = outcome("whole");
  const tensors = Object.keys(whole).filter((name) => name.startsWith(`checkpoints/00000${STEPS}/`));
  for (const part of ["generator/", "discriminator/", "adam/m", "adam/v", "ema"])
    expect(
      tensors.filter((name) => name.includes(part)),
      part,
    ).not.toEqual([]);
  expect((whole["metrics.jsonl"] as { kind: string }[]).filter(({ kind }) => kind === "step")).toHaveLength(
    STEPS,
  );
});

it("killed with SIGKILL at three random moments, a run ends bit-equal to an undisturbed one", async () => {
  const seed = Number(process.env.QUARTERTURN_TEST_SEED ?? Date.now());
  const chance = randomStream(seed, "kills");
  // Apart from each other and well before the end, so that each falls into a run that is under way.
  const kills = [0, 12, 24].map((from) => ({
    step: from + 1 + chance.integer(8),
    delay: chance.integer(30),
  }));
  const story = `seed ${seed}: killed ${kills.map(({ step, delay }) => `${delay} ms after step ${step}`).join(", ")}`;
  console.log(story);
  for (const { step, delay } of kills) {
    const call = workspace.start(...train("killed"));
    // By then what the one before recorded beyond its checkpoint is cut off.
    await call.saw(/Training for|Continuing at/);
    await reaches("killed", step, call);
    await setTimeout(delay);
    call.child.kill("SIGKILL");
    const { code } = await call.ended;
    expect(code, `${story}: ended by itself`).toBe(null);
  }
  const last = await workspace.run(...train("killed"));
  expect(last, story).toMatchObject({ code: 0, stderr: "" });
  expect(last.stdout).toMatch(/Continuing at step \d+ of 40/);
  expect(outcome("killed"), story).toEqual(outcome("whole"));
});

it.each(["SIGINT", "SIGTERM"] as const)(
  "%s saves and exits with 130; the same command then ends bit-equal to an undisturbed run",
  async (signal) => {
    const call = workspace.start(...train(signal));
    await reaches(signal, 15, call);
    call.child.kill(signal);
    const { code, stdout, stderr } = await call.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    const step = Number(/Stopped after (\d+) of/.exec(stdout)?.[1]);
    expect(readdirSync(folderOf(signal, "checkpoints"))).toContain(String(step).padStart(7, "0"));
    expect(existsSync(folderOf(signal, "lock.json"))).toBe(false);

    const next = await workspace.run(...train(signal));
    expect(next.stdout).toContain(`Continuing at step ${step} of ${STEPS}`);
    expect(outcome(signal)).toEqual(outcome("whole"));
  },
);

/** Many updates a step: there is time enough to lose patience. */
const slow = (run: string, updates: number): string[] => [
  ...train(run),
  "--set",
  `training.discIters=${updates}`,
];

it("a second Ctrl-C quits within the step, by the signal (130 for a shell) and with nothing damaged", async () => {
  const call = workspace.start(...slow("impatient", 100), "--set", "discriminator.width=128");
  await call.saw(/samples impatient/);
  await setTimeout(500); // the first step, which takes seconds, shall be under way
  call.child.kill("SIGINT");
  await call.saw(/saving… Press Ctrl-C again to quit at once/);
  await setTimeout(400); // sooner would count as the same Ctrl-C, passed on by npm
  call.child.kill("SIGINT");
  const { code, stdout, stderr } = await call.ended;
  expect({ code, signal: call.child.signalCode, stderr }).toEqual({
    code: null,
    signal: "SIGINT",
    stderr: "",
  });
  expect(stdout).not.toContain("Stopped after");
  expect(lastStep("impatient")).toBe(0);
  expect(existsSync(folderOf("impatient", "checkpoints"))).toBe(false);

  // The lock of the process that quit is taken over, and there is nothing to go on from.
  const next = workspace.start(...slow("impatient", 100), "--set", "discriminator.width=128");
  await next.saw(/no checkpoint yet: beginning again from step 0/);
  next.child.kill("SIGKILL");
  await next.ended;
});

it("one Ctrl-C that arrives twice, as npm and timeout pass it on, is one", async () => {
  const call = workspace.start(...slow("echoed", 20));
  await call.saw(/samples echoed/);
  // Both wait for a process that is halted, and arrive together when it goes on; two of one kind would be one to the system.
  for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) call.child.kill(signal);
  const { code, stdout } = await call.ended;
  expect(code).toBe(130);
  // Before the first step, or within it.
  expect(stdout).toMatch(/Stopped after [01] of 40 steps; everything is saved/);
});

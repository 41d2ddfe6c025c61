/**
 * Killed with SIGKILL at the very calls by which files get their names and are made to last, the
 * same command goes on and ends with the weights of an undisturbed run. A dozen of the kills that
 * scripts/hardening/kills.ts does by the hundred.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  canInject,
  describeKill,
  type Kill,
  lastWeights,
  leftovers,
  runKilled,
} from "../../scripts/hardening/killing.ts";
import { describeWith } from "../support/needs.ts";
import { makePictures, train, Workspace } from "./support.ts";

const injects = canInject();
const missing = injects ? undefined : "strace is missing or may not trace (Debian: apt-get install strace)";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const SETTINGS = ["training.checkpointEvery=2", "training.sampleEvery=3"].flatMap((set) => ["--set", set]);
const command = (run: string): string[] => [...train(run, ...SETTINGS, "--steps", "4", "--no-studio")];
/** Final weights, without the folder's own name. */
const weightsOf = (run: string): string[] => Object.values(lastWeights(workspace.path(run)));

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 66);
  expect(await workspace.run(...command("whole/run"))).toMatchObject({ code: 0 });
});

/** Each row in a folder of its own, the first of them without any file of the program. */
const ROWS: readonly { readonly name: string; readonly kills: readonly Kill[] }[] = [
  { name: "before there is a config.json", kills: [{ call: "rename", when: 1 }] },
  {
    name: "while the folder is taken",
    kills: [
      { call: "link", when: 1 },
      { call: "rename", when: 1 },
      { call: "mkdir", when: 3 },
    ],
  },
  {
    name: "while files are made to last",
    kills: [1, 2, 4, 9].map((when) => ({ call: "fsync", when })),
  },
  {
    name: "while checkpoints get their names",
    kills: [
      { call: "mkdir", when: 4 },
      { call: "rename", when: 5 },
      { call: "rename", when: 4 },
      { call: "rename", when: 3 },
    ],
  },
];

describeWith(missing, "killed", () => {
  it.each(ROWS)("$name, the same command goes on", async ({ name, kills }) => {
    const run = name.replaceAll(" ", "-");
    const story: string[] = [];
    for (const kill of kills) {
      const { killed, output } = await runKilled(workspace.folder, command(`${run}/run`), kill);
      expect(killed, `${[...story, describeKill(kill)].join(", ")}: ${output}`).toBe(true);
      story.push(describeKill(kill));
    }
    const { code, stdout, stderr } = await workspace.run(...command(`${run}/run`));
    expect({ code, stderr }, `${story.join(", ")}: ${stdout}`).toEqual({ code: 0, stderr: "" });
    expect(weightsOf(run)).toEqual(weightsOf("whole"));
    expect([...leftovers(workspace.path(run)), ...leftovers(workspace.path("cache"))]).toEqual([]);
  });
});

it("a supervisor that starts the command again the moment it was killed is not refused", async () => {
  const args = [...train("supervised", ...SETTINGS, "--steps", "100000", "--no-studio")];
  for (let round = 0; round < 2; round++) {
    const call = workspace.start(...args);
    await call.saw(/saved {3}/);
    call.child.kill("SIGKILL");
    // Not waited for: until Node asks how it ended, it is a zombie.
  }
  const last = workspace.start(...args);
  await last.saw(/Continuing at step/);
  const { pid } = JSON.parse(readFileSync(workspace.path("supervised", "lock.json"), "utf8")) as {
    pid: number;
  };
  expect(pid).toBe(last.child.pid);
  last.child.kill("SIGKILL");
  await last.ended;
});

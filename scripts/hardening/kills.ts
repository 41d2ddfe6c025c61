/**
 * Nothing is lost by a kill at any moment, measured: `tsx scripts/hardening/kills.ts [--kills 200]
 * [--seed 1] [--jobs 1]`, after `npm run build`.
 *
 * The program is killed at each of the first 40 calls by which it renames, links, makes folders and
 * flushes to the disk, and at random moments besides, in trainings and in sweeps, with caches that
 * are empty at first. Several kills follow one another in one folder, each while the same command
 * goes on from what the last one left; then it is left in peace, and must end with the weights of
 * an undisturbed run and without anything lying about. If it does not, none of the kills in that
 * folder counts as survived.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "../../src/base/random.ts";
import { makePictures, TINY } from "../../test/cli/support.ts";
import { CALLS, canInject, describeKill, type Kill, lastWeights, leftovers, runKilled } from "./killing.ts";

/** Calls of each kind that are tried. */
const FIRST = 40;
/** Kills in one folder. */
const IN_A_ROW = 6;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
  },
});
const wanted = Number(values.kills);
const chance = randomStream(Number(values.seed), "kills");
if (!canInject()) throw new Error("strace is missing: apt-get install strace");

const root = mkdtempSync(join(tmpdir(), "quarterturn-kills-"));
const pictures = join(root, "pictures");
await makePictures(pictures, 66);

const SETTINGS = [...TINY, "--set", "training.checkpointEvery=2", "--set", "training.sampleEvery=3"];
const train = ["train", "pictures", ...SETTINGS, "--steps", "6", "--run", "out/run", "--no-studio"];
const sweep = ["sweep", "grid.yaml", "--out", "out", "--jobs", "1"];
/** The same settings as YAML; of two for one value the later counts. */
const byPath = new Map(
  SETTINGS.filter((word) => word !== "--set").map((set) => set.split("=") as [string, string]),
);
const GRID = `data: pictures
steps: 4
set:
${[...byPath].map(([path, value]) => `  ${path}: ${value}`).join("\n")}
grid:
  objective.selfSupervision: [rotation, none]
`;

/** A working folder of its own. */
function makeFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  cpSync(pictures, join(folder, "pictures"), { recursive: true });
  writeFileSync(join(folder, "grid.yaml"), GRID);
  return folder;
}

/** What is to come out, and how long it takes. */
async function undisturbed(name: string, args: readonly string[]) {
  const folder = makeFolder(name);
  const began = performance.now();
  const { code, output } = await runKilled(folder, args, undefined);
  if (code !== 0) throw new Error(`the undisturbed ${name} ended with ${code}:\n${output}`);
  return { weights: JSON.stringify(lastWeights(join(folder, "out"))), time: performance.now() - began };
}
const commands = [
  { name: "train", args: train, ...(await undisturbed("train", train)) },
  { name: "sweep", args: sweep, ...(await undisturbed("sweep", sweep)) },
] as const;

/** Every kind of call in turn, from the first to the last of them, then random moments. */
const atCalls: Kill[] = Array.from({ length: FIRST }, (_, i) => i + 1).flatMap((when) =>
  CALLS.map((call) => ({ call, when })),
);

let [tried, survived, begun, folders] = [0, 0, 0, 0];
const failures: string[] = [];
/** Calls that the program does not make so often: tried in vain, and not again. */
const beyond = new Map<string, number>();
const kinds = new Map<string, number>();

/** Kill again and again in one folder, then let the command end. */
async function killInFolder(): Promise<void> {
  const command = commands[folders % 3 === 2 ? 1 : 0]!;
  const folder = makeFolder(`folder-${++folders}`);
  const story: string[] = [];
  let attempts = 0;
  while (attempts++ < IN_A_ROW && begun < wanted) {
    const kill = nextKill(command.time);
    begun++;
    const end = await runKilled(folder, command.args, kill);
    if (end.killed) {
      story.push(describeKill(kill));
      const kind = "call" in kill ? kill.call : "random moment";
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      continue;
    }
    begun--;
    // In a sweep the call may be one of its children's: each of those that are begun in their place is killed there too, until the sweep gives up.
    const isGivenUp = command.name === "sweep" && "call" in kill && end.output.includes("ended by SIGKILL");
    if (end.code !== 0 && !isGivenUp)
      failures.push(`${command.name} after ${story.join(", ")}: ${end.output.slice(-400)}`);
    // In a sweep it may have been a child that was killed, and was begun again.
    else if ("call" in kill && story.length === 0 && command.name === "train")
      beyond.set(kill.call, Math.min(kill.when, beyond.get(kill.call) ?? Number.POSITIVE_INFINITY));
    break;
  }
  const last = await runKilled(folder, command.args, undefined);
  const left = leftovers(folder);
  const same = JSON.stringify(lastWeights(join(folder, "out"))) === command.weights;
  const well = last.code === 0 && same && left.length === 0;
  tried += story.length;
  if (well) survived += story.length;
  else
    failures.push(
      `${command.name} killed ${story.join(", ")}: code ${last.code}, weights ${same ? "equal" : "differ"}, left ${left.join(" ") || "nothing"}\n${last.output.slice(-400)}`,
    );
  console.log(
    `${survived} of ${tried} survived · ${command.name} ${story.join(", ")}: ${well ? "well" : "FAILED"}`,
  );
  if (well) rmSync(folder, { recursive: true, force: true });
}

async function work(): Promise<void> {
  while (begun < wanted) await killInFolder();
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));

function nextKill(time: number): Kill {
  // Every fifth kill at a moment that nobody chose.
  while (atCalls.length > 0 && chance.integer(5) > 0) {
    const kill = atCalls.shift()!;
    if ("call" in kill && kill.when < (beyond.get(kill.call) ?? Number.POSITIVE_INFINITY)) return kill;
  }
  return { after: chance.integer(Math.ceil(time)) };
}

console.log(
  `\n${survived} of ${tried} kills survived (${[...kinds].map(([kind, n]) => `${kind} ${n}`).join(", ")}).`,
);
for (const failure of failures) console.log(`\n${failure}`);
if (failures.length === 0) rmSync(root, { recursive: true, force: true });
process.exitCode = failures.length === 0 ? 0 : 1;

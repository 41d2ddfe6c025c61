/**
 * One run of the quality bench in a process of its own, from a built program: measure what a step
 * costs in processor time, train for as many steps as the budget pays for, measure, and keep 2,048
 * samples. Prints one line of JSON.
 *
 * Argument: JSON of { build, run, data, set, schedule, halfLife, chosen, budget, seed, features }.
 * budget: seconds of processor time, all threads together. schedule: values by path that are
 * fractions of the steps.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { build, run, data, set, schedule, halfLife, chosen, budget, seed, features } = JSON.parse(
  process.argv[2],
);
const { train, evaluate, sample } = await import(pathToFileURL(join(build, "dist/index.js")).href);
const threads = 1;
/**
 * Steps of the trial that are measured. In bfloat16 they are short, and the engine's process is
 * seen in ticks of 10 ms.
 */
const [FROM, TO] = [4, set["engine.precision"] === "bfloat16" ? 304 : 24];

/** Ticks a second of the times in /proc, on every Linux. */
const TICKS = 100;
/**
 * Processor seconds of a child of this process: in bfloat16 the engine is one. 0 once it is gone.
 */
const ofChild = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
};
const children = () =>
  existsSync("/proc/self/task")
    ? readdirSync("/proc/self/task").flatMap((thread) =>
        readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
      )
    : [];
/** Processor seconds of this process and of its children while they live. */
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + children().reduce((sum, pid) => sum + ofChild(pid), 0);
};
/** The most that was seen since: children take their seconds with them. */
const watchSpending = () => {
  const from = cpuSeconds();
  let most = 0;
  const look = () => {
    most = Math.max(most, cpuSeconds() - from);
    return most;
  };
  const timer = setInterval(look, 1000);
  return () => {
    clearInterval(timer);
    return look();
  };
};
const scheduled = (steps) => ({
  ...Object.fromEntries(
    Object.entries(schedule ?? {}).map(([path, share]) => [path, Math.round(share * steps)]),
  ),
  ...(halfLife && { "training.ema": 0.5 ** (1 / (halfLife * steps)) }),
});
/**
 * An average that would start after the end has no effect, which is refused; the trial is that
 * short.
 */
const settings = (steps) => {
  const all = { ...set, ...scheduled(steps), "training.evaluateEvery": 0 };
  if (!(all["training.emaStart"] >= steps)) return all;
  return { ...all, "training.emaStart": 0 };
};
const call = (steps, folder) => ({
  ...(data !== null && { data }),
  // A preset is named where nothing is to be chosen by the images.
  ...(!chosen && { preset: "laptop" }),
  set: settings(steps),
  ...{ steps, seed, run: folder, threads, tfevents: false },
});

// Measured again when the run goes on: the machine may be another. The length of a run that was begun stays.
let costs = 0;
const trial = `${run}-trial`;
rmSync(trial, { recursive: true, force: true });
let before = 0;
await train({
  ...call(TO, trial),
  onEvent(event) {
    if (event.kind !== "step") return;
    if (event.step === FROM) before = cpuSeconds();
    if (event.step === TO - 1) costs = (cpuSeconds() - before) / (TO - 1 - FROM);
  },
});
rmSync(trial, { recursive: true, force: true });

const steps = Math.max(100, Math.floor(budget / costs));
const spending = watchSpending();
await train(call(steps, run));
const spent = spending();

const measured = {};
for (const ema of [true, false]) {
  const { evaluations } = await evaluate(run, {
    features,
    ema,
    samples: 2048,
    repeats: 1,
    split: "all",
    threads,
  });
  measured[ema ? "averaged" : "latest"] = evaluations[0].metrics;
}
const { images, size } = await sample(run, { count: 2048, threads });
writeFileSync(join(run, "samples.bin"), images);
console.log(JSON.stringify({ steps, costs, spent, size, measured }));
process.exit(0);

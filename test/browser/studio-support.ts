/** Trainings and studios started from the command line, for tests of the page. */
import { type Call, TINY } from "../cli/support.ts";

/** Arguments of a small training on `pictures` into `runs/RUN`, with a grid at every fifth step. */
export const trainArguments = (run: string, steps: number, ...more: string[]): string[] => [
  ...["train", "pictures", ...TINY, "--run", `runs/${run}`, "--steps", String(steps)],
  ...["--set", "training.sampleEvery=5", ...more],
];

/** The address a process prints. */
export async function addressOf(call: Call): Promise<string> {
  let printed = "";
  call.child.stdout?.on("data", (text: string) => {
    printed += text;
  });
  await call.saw(/studio +http:\S+/);
  return /studio +(http:\S+)/.exec(printed)![1]!;
}

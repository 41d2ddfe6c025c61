import { afterEach, describe, expect, it, vi } from "vitest";
import { commandOptions } from "../command.ts";
import { command } from "../commands/sweep.ts";
import { checkSweepOptions } from "./sweep-options.ts";

const names = command.options.flatMap(([flags]) => /^--(\S+) </.exec(flags)?.[1] ?? []);
const check = (line: string): void => checkSweepOptions(commandOptions(line.split(" "), names));

afterEach(() => vi.unstubAllEnvs());

describe("options of sweep that would be ignored", () => {
  it.each([
    ["--queue redis://q --jobs 3", /--jobs is given with a queue/, /worker --jobs/],
    ["--image mine", /--image is given without --emit kubernetes/, /container/],
    ["--emit slurm --image mine", /--image is given with --emit slurm/, /kubernetes/],
    ["--emit kubernetes --retries 1", /--retries is given with --emit/, /scheduler/],
    ["--emit slurm --only 1", /--only is given with --emit/, /scheduler/],
    ["--emit slurm --queue redis://q", /--queue is given with --emit/, /leave one/],
    ["--plan --retries 1", /--retries is given with --plan/, /leave one/],
    ["--plan --only 1", /--only is given with --plan/, /leave one/],
    ["--plan --emit slurm", /--emit is given with --plan/, /leave one/],
    ["--queue-name mine", /--queue-name is given without --queue/, /address/],
  ])("%s", (line, what, remedy) => {
    expect(() => check(line)).toThrow(what);
    expect(() => check(line)).toThrow(expect.objectContaining({ hint: expect.stringMatching(remedy) }));
  });

  it("are also those that the queue in the environment makes meaningless", () => {
    vi.stubEnv("QUARTERTURN_QUEUE", "redis://q");
    expect(() => check("--jobs 3")).toThrow(/--jobs is given with a queue/);
    expect(() => check("--emit slurm --jobs 3")).not.toThrow();
  });

  it.each([
    "--jobs 2 --retries 0 --only 1",
    "--queue redis://q --queue-name mine --retries 1 --only 0",
    "--emit kubernetes --image mine --jobs 4 --out /runs/x",
    "--emit slurm --jobs 4 --out x",
    "--plan --out x",
  ])("are not %s", (line) => {
    expect(() => check(line)).not.toThrow();
  });
});

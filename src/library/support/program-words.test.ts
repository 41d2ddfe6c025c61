/** What a program is told names what a program can give. */
import { expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { forProgram, inProgramWords } from "./program-words.ts";

it.each([
  [
    "Ask for more with --steps to go on, or begin another run beside it with --new.",
    'Ask for more with steps to go on, or begin another run beside it with mode: "new".',
  ],
  ["--fork starts a new run", 'mode: "fork" starts a new run'],
  ["Use --set objective.penalty=r1.", 'Use set: { "objective.penalty": "r1" }.'],
  [
    "or --set generator.norm=batch --set training.ema=0.999, or",
    'or set: { "generator.norm": "batch", "training.ema": 0.999 }, or',
  ],
  ["(--set training.probeData=PATH)", '(set: { "training.probeData": PATH })'],
  ["Give it --evaluate-every 5.", "Give it evaluateEvery 5."],
  [`Leave ${option("ema")} out.`, "Leave ema out."],
  ["a--b, x --- y, x-", "a--b, x --- y, x-"],
])("%s", (message, told) => {
  expect(inProgramWords(message)).toBe(told);
});

it("errors keep their details and their cause; bugs are left alone", async () => {
  class Odd extends UserError {
    override readonly details = { how: "diverged" };
  }
  const told = await forProgram(Promise.reject(new Odd("No --run.", "--fork"))).catch((error) => error);
  expect(told).toBeInstanceOf(UserError);
  expect(told).toMatchObject({ message: "No run.", hint: 'mode: "fork"', details: { how: "diverged" } });
  expect(told.cause).toBeInstanceOf(Odd);
  const bug = new TypeError("x --run");
  await expect(forProgram(Promise.reject(bug))).rejects.toBe(bug);
  expect(await forProgram(Promise.resolve(3))).toBe(3);
});

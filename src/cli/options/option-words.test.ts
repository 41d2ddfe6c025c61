/** Options that use cases name, in the form of the command line. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { OPTION_NAMES, option, setting, writeOptions } from "../../base/option-names.ts";
import { FlagError, inFlags } from "./option-words.ts";

describe("an option in a message", () => {
  it.each([
    [option("steps"), "--steps"],
    [option("evaluateEvery"), "--evaluate-every"],
    [option("time", "30m"), "--time 30m"],
    [option("truncation", 0.5), "--truncation 0.5"],
    [option("ema", true), "--ema"],
    [option("ema", false), "--no-ema"],
    [option("mode", "fork"), "--fork"],
    [option("as", "walk"), "--interpolate"],
    [option("as", "files"), "--files"],
    [option("data"), "DATA"],
    [setting("data.split", "train"), "--set data.split=train"],
  ])("%s is written as %s", (named, flag) => {
    expect(inFlags(`Leave ${named} out.`)).toBe(`Leave ${flag} out.`);
  });

  it("is recognized with every value that it can be named with", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPTION_NAMES),
        fc.oneof(
          fc.string(),
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
        ),
        (name, value) => {
          fc.pre(!Object.is(value, -0));
          const seen: unknown[] = [];
          writeOptions(`a ${option(name, value)} b`, (...found) => seen.push(found).toString());
          expect(seen).toEqual([[name, value]]);
        },
      ),
    );
  });

  it("is as in a program where nobody writes it otherwise", () => {
    const error = new UserError(`${option("time", "30m")} and ${option("steps")}.`, option("ema", false));
    expect([error.message, error.hint]).toEqual(['time: "30m" and steps.', "ema: false"]);
  });
});

it("an error keeps its details and says its options as flags", () => {
  const error = new FlagError(new UserError(`${option("run")} is wrong.`, `Say ${option("out", "x")}.`));
  expect(error).toBeInstanceOf(UserError);
  expect([error.message, error.hint]).toEqual(["--run is wrong.", "Say --out x."]);
  expect(new FlagError(new UserError("Without a hint.")).hint).toBeUndefined();
});

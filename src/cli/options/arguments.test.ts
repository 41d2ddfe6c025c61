/** How arguments become options and operands, and what is wrong with them. */
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { optionSpec, readArguments } from "./arguments.ts";
import { checkArguments, refuseUnknownOptions } from "./check-arguments.ts";

const options = [
  optionSpec(["--run <dir>", "Folder"]),
  optionSpec(["--queue-name <name>", "Name"]),
  optionSpec(["--fork", "Fork"]),
  optionSpec(["--no-ema", "The latest weights"]),
  optionSpec(["-h, --help", "Help"]),
];
const read = (...argv: string[]) => readArguments(argv, ["run", "queue-name"], { h: "help" });
const check = (usage: string, ...argv: string[]) => {
  const declared = { name: "test", usage, options };
  refuseUnknownOptions(declared, read(...argv));
  checkArguments(declared, read(...argv));
};

describe("declarations", () => {
  it("have a name, a form and perhaps a value and a letter", () => {
    expect(options.map(({ name, negated, takesValue, short }) => [name, negated, takesValue, short])).toEqual(
      [
        ["run", false, true, undefined],
        ["queue-name", false, true, undefined],
        ["fork", false, false, undefined],
        ["ema", true, false, undefined],
        ["help", false, false, "h"],
      ],
    );
  });
});

describe("arguments", () => {
  it("are operands unless they are options or their values; all after -- are", () => {
    expect(read("a", "--run", "x", "b", "--fork", "c", "--", "--run", "-h").operands).toEqual([
      "a",
      "b",
      "c",
      "--run",
      "-h",
    ]);
  });

  it("are options in kebab or camel case, by a letter, in their negated form", () => {
    const given = (...argv: string[]) =>
      read(...argv).given.map(({ name, negated, value }) => [name, negated, value]);
    expect(given("--queueName", "q", "--queue-name=r=s")).toEqual([
      ["queue-name", false, "q"],
      ["queue-name", false, "r=s"],
    ]);
    expect(given("-h", "--no-ema", "--noEma")).toEqual([
      ["help", false, undefined],
      ["ema", true, undefined],
      ["ema", true, undefined],
    ]);
  });
});

describe("is refused:", () => {
  it.each<[string, string[], RegExp]>([
    ["an option that is not declared", ["--rum", "x"], /Unknown option "--rum" for test/],
    ["a letter that is not declared", ["-x"], /Unknown option "-x"/],
    ["a name that every object has", ["--constructor"], /Unknown option "--constructor"/],
    ["the denial of an option with a value", ["--no-run"], /Unknown option "--no-run"/],
    ["a value that is missing", ["--run"], /Option "--run <dir>" value is missing/],
    ["an empty value", ["--run="], /Option "--run <dir>" value is missing/],
    ["another option for a value", ["--run", "--fork"], /Option "--run <dir>" value is missing/],
    ["a negative number for a value", ["--run", "-5"], /"-5" is a negative number/],
    ["a negative number for an operand", ["-5"], /"-5" is a negative number/],
    ["the value of a flag", ["--fork=maybe"], /--fork takes no value, got "maybe"/],
    ["an operand too many", ["a", "b"], /Unused args: "b"/],
  ])("%s", (_, argv, message) => {
    expect(() => check("test [a]", ...argv)).toThrow(UserError);
    expect(() => check("test [a]", ...argv)).toThrow(message);
  });

  it("operands too few, or too many, by the usage", () => {
    expect(() => check("test <a> <b>", "x")).toThrow(/Missing required args for command "test <a> <b>"/);
    expect(() => check("test <...runs>")).toThrow(/Missing required args/);
    expect(() => check("test", "x")).toThrow(/Unused args: "x"/);
  });

  it("nothing else", () => {
    for (const argv of [["--fork", "--ema"], ["--no-fork"], ["--run", "x"], ["--run=-5"], ["--fork=false"]])
      expect(() => check("test", ...argv)).not.toThrow();
    expect(() => check("test <...runs>", "a", "b", "c")).not.toThrow();
  });
});

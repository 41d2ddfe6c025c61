/** The command line of the benchmark. */
import { parseArgs } from "node:util";
import { UserError, unknownName } from "../src/base/errors.ts";
import { FORM_NAMES, FORMS, type Form, type Size } from "./settings.ts";

export interface Options {
  readonly forms: readonly Form[];
  /** Widths of all forms; undefined: those of each. */
  readonly sizes: readonly Size[] | undefined;
  readonly rounds: number;
  readonly threads: number;
  readonly quick: boolean;
  /** Also judge the turned fakes in PyTorch's D step, whose result nothing uses. */
  readonly turnedFakes: boolean;
  readonly json: string | undefined;
  /** Count what a step asks of a graphics card instead of measuring anything. */
  readonly count: boolean;
}

export const HELP = `npm run bench -- [options]

A full training step (one D and one G update) against PyTorch and against ONNX Runtime's own matrix product.
Close everything else first: all figures are of this machine as it is now; only the ratios of one run mean something.

  --form LIST       default all of them:
${FORM_NAMES.map((name) => `                      ${name.padEnd(13)} ${FORMS[name].description}\n`).join("")}  --widths LIST     widths G/D, for example 32/32,64/64; default those of each form, as in docs/performance.md
  --rounds N        turns of every side, taken alternately; default 3
  --threads N       threads of both sides; default the cores this process may use
  --turned-fakes    let PyTorch also judge the turned fakes in its D step, as compare_gan does and no loss uses
  --quick           one round of one step at the smallest widths: does everything work? The figures mean little
  --count webgpu    calls, bytes and operations of a step on a graphics card, counted on its graph; nothing is measured
  --json FILE       write every figure into FILE
  --help
`;

/**
 * The options of the benchmark, from its arguments.
 * @throws UserError for options that are unknown or no use
 */
export function parseOptions(args: readonly string[]): Options | "help" {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        form: { type: "string" },
        widths: { type: "string" },
        rounds: { type: "string" },
        threads: { type: "string" },
        json: { type: "string" },
        count: { type: "string" },
        quick: { type: "boolean" },
        "turned-fakes": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new UserError((error as Error).message, "npm run bench -- --help lists the options.");
  }
  if (values.help) return "help";
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const quick = values.quick === true;
  return {
    forms: text("form")?.split(",").map(parseForm) ?? FORM_NAMES,
    sizes: text("widths")?.split(",").map(parseSize),
    rounds: wholeNumber("rounds", text("rounds") ?? (quick ? "1" : "3"), 1),
    threads: wholeNumber("threads", text("threads") ?? "0", 0),
    quick,
    turnedFakes: values["turned-fakes"] === true,
    json: text("json"),
    count: parseCount(text("count")),
  };
}

/** The widths at which a form is measured. */
export function sizesOf(form: Form, { sizes, quick }: Pick<Options, "sizes" | "quick">): readonly Size[] {
  return sizes ?? FORMS[form].sizes.slice(0, quick ? 1 : undefined);
}

function parseCount(device: string | undefined): boolean {
  if (device !== undefined && device !== "webgpu") throw unknownName("device", device, ["webgpu"]);
  return device !== undefined;
}

function parseForm(text: string): Form {
  const name = FORM_NAMES.find((known) => known === text.trim());
  if (!name) throw unknownName("form", text.trim(), FORM_NAMES);
  return name;
}

function parseSize(text: string): Size {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  if (!match) throw new UserError(`--widths: "${text}" is not G/D.`, "For example --widths 32/32,256/128.");
  return { generator: Number(match[1]), discriminator: Number(match[2]) };
}

function wholeNumber(name: string, text: string, minimum: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum)
    throw new UserError(`--${name}: "${text}" is not a whole number from ${minimum} up.`);
  return value;
}

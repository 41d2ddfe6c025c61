/**
 * The command line: finds the command, reads its options, prints errors for people. Commands are
 * loaded only when called, so that `quarterturn --help` answers at once and works even where a
 * native dependency is missing.
 */
import { readFileSync } from "node:fs";
import { explainSystemError } from "../app/support/system-errors.ts";
import { UserError, unknownName } from "../base/errors.ts";
import { refuseTelemetry } from "../base/processes/telemetry.node.ts";
import { withoutSecrets } from "../base/text/secrets.ts";
import { type CommandModule, EXIT, optionsOf } from "./command.ts";
import { type HelpSubject, helpText } from "./help.ts";
import { type OptionSpec, optionSpec, readArguments } from "./options/arguments.ts";
import { checkArguments, refuseUnknownOptions } from "./options/check-arguments.ts";
import { FlagError } from "./options/option-words.ts";
import { colors, terminalText } from "./terminal/colors.ts";
import { createOutput, jsonText, widthOf } from "./terminal/output.ts";
import { settled } from "./terminal/unsettled.ts";
import { wrapText } from "./terminal/wrap.ts";

interface CommandEntry {
  readonly usage: string;
  readonly description: string;
  readonly load: () => Promise<{ readonly command: CommandModule }>;
}

/** Every command; a new one is one file and one line here. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  train: {
    usage: "train [data]",
    description: "Train on a folder of images, or on the built-in ones; continues where it stopped",
    load: () => import("./commands/train.ts"),
  },
  sample: {
    usage: "sample <run>",
    description: "Make images with a trained generator: a grid, single files, or an interpolation",
    load: () => import("./commands/sample.ts"),
  },
  evaluate: {
    usage: "evaluate <run>",
    description: "FID, KID, precision and recall and more of a trained generator, each with its protocol",
    load: () => import("./commands/evaluate.ts"),
  },
  compare: {
    usage: "compare <a> <b>",
    description: "The same metrics between any two sets of images",
    load: () => import("./commands/compare.ts"),
  },
  export: {
    usage: "export <run>",
    description: "Hand over a trained run: ONNX networks, weights, model card, example page",
    load: () => import("./commands/export.ts"),
  },
  import: {
    usage: "import <file>",
    description: "Networks that the mimicry library has trained (netG.pth, netD.pth), as a run",
    load: () => import("./commands/import.ts"),
  },
  orient: {
    usage: "orient [data]",
    description: "Which images are not upright, by a trained rotation head; copies rotated upright",
    load: () => import("./commands/orient.ts"),
  },
  embed: {
    usage: "embed [data]",
    description: "What a trained discriminator sees in images, as a NumPy array",
    load: () => import("./commands/embed.ts"),
  },
  report: {
    usage: "report <...runs>",
    description: "One HTML file on a run, or on several compared: samples, curves, numbers, configuration",
    load: () => import("./commands/report.ts"),
  },
  bundle: {
    usage: "bundle <run>",
    description: "Put a run and its images into one file, for the playground or another machine",
    load: () => import("./commands/bundle.ts"),
  },
  probe: {
    usage: "probe <run>",
    description: "How much each block of the discriminator knows about classes (needs labels)",
    load: () => import("./commands/probe.ts"),
  },
  reproduce: {
    usage: "reproduce <name>",
    description: "A table or figure of the paper, at a chosen scale, beside the paper's own numbers",
    load: () => import("./commands/reproduce.ts"),
  },
  sweep: {
    usage: "sweep <file>",
    description: "Many runs: a grid of values, several seeds, on this machine or as a scheduler's job",
    load: () => import("./commands/sweep.ts"),
  },
  worker: {
    usage: "worker",
    description: "Take runs of sweeps from a queue; any number of machines may",
    load: () => import("./commands/worker.ts"),
  },
  forgetting: {
    usage: "forgetting [data]",
    description: "The paper's study of forgetting: a classifier whose task keeps changing (needs labels)",
    load: () => import("./commands/forgetting.ts"),
  },
  data: {
    usage: "data <action> [data]",
    description: "Fetch a published data set; inspect, preview or prepare any images",
    load: () => import("./commands/data.ts"),
  },
  studio: {
    usage: "studio [runs]",
    description: "The live page over a folder of runs: watch, compare, look inside, steer",
    load: () => import("./commands/studio.ts"),
  },
  presets: {
    usage: "presets [name]",
    description: "Named configurations, with the source of every value",
    load: () => import("./commands/presets.ts"),
  },
  features: {
    usage: "features <action> [name]",
    description: "Feature networks for metrics: list, add NAME --from FILE|URL, remove NAME",
    load: () => import("./commands/features.ts"),
  },
  doctor: {
    usage: "doctor",
    description: "What this machine offers, and what is missing",
    load: () => import("./commands/doctor.ts"),
  },
};

/**
 * Run the command line.
 * @param argv the arguments, without the program
 * @returns the exit code: 0 done, 2 the user's mistake, 130 interrupted after saving, 1 a bug
 */
export async function main(argv: readonly string[]): Promise<number> {
  // For this process and all that it starts.
  refuseTelemetry();
  const json = beforeOperands(argv).includes("--json");
  // What cannot be printed (`quarterturn train > log` on a full disk) is no reason to stop what is being computed.
  let unprinted: NodeJS.ErrnoException | undefined;
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!NOBODY_READS.has(error.code ?? "")) unprinted ??= error;
    });
  const failed = (error: unknown): number => report(error, argv, json);
  const code = await settled(dispatch(argv, json).catch(failed), failed);
  // Streams report a moment after the last words.
  await new Promise((resolve) => setImmediate(resolve));
  return code === EXIT.done && unprinted ? report(unprinted, argv, json) : code;
}

/** `quarterturn presets | head`, or a terminal that was closed. */
const NOBODY_READS = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

/** The arguments before a `--`, among which options may be. */
function beforeOperands(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

/** Options of every command. */
const JSON_OPTION = optionSpec(["--json", "One JSON document on stdout, progress on stderr"]);
const PLAIN_OPTION = optionSpec([
  "--plain",
  "Draw nothing over: for screen readers, and terminals that record",
]);
const VERSION_OPTION = optionSpec(["-v, --version", "Display version number"]);
const HELP_OPTION = optionSpec(["-h, --help", "Display this message"]);

async function dispatch(argv: readonly string[], json: boolean): Promise<number> {
  if (argv[0] === "help") return dispatch([...argv.slice(1), "--help"], json);
  const name = beforeOperands(argv).find((argument) => !argument.startsWith("-"));
  if (name !== undefined && !Object.hasOwn(COMMANDS, name)) throw unknownCommand(name, argv);
  const entry = name === undefined ? undefined : COMMANDS[name];
  const module = (await entry?.load())?.command;

  const own = (module?.options ?? []).map(optionSpec);
  const options = [...own, JSON_OPTION, PLAIN_OPTION, VERSION_OPTION, HELP_OPTION];
  const valued = options.filter(({ takesValue }) => takesValue).map((option) => option.name);
  const read = readArguments(argv, valued, { v: VERSION_OPTION.name, h: HELP_OPTION.name });
  // The command itself is the first operand.
  const given = { ...read, operands: entry ? read.operands.slice(1) : read.operands };
  const said = (option: string): boolean => given.given.some((each) => each.name === option && !each.negated);
  const declared = { name, usage: entry?.usage, options };

  if (said(HELP_OPTION.name)) return printHelp(name, module, own, given.operands[0]);
  if (said(VERSION_OPTION.name)) {
    const about = `${process.platform}-${process.arch} node-${process.version}`;
    process.stdout.write(`quarterturn/${packageVersion()} ${about}\n`);
    return EXIT.done;
  }
  refuseUnknownOptions(declared, given);
  if (!module) return printHelp(name, module, own);
  checkArguments(declared, given);
  return module.run({
    args: given.operands,
    options: optionsOf(given.given, valued),
    output: createOutput(json, { plain: said(PLAIN_OPTION.name) }),
  });
}

/** Print the help of a command, or of the program where none is named. */
function printHelp(
  name: string | undefined,
  module: CommandModule | undefined,
  own: readonly OptionSpec[],
  topic?: string,
): number {
  const version = packageVersion();
  const about = topic === undefined ? undefined : topicOf(module, name, topic);
  if (about !== undefined) {
    process.stdout.write(`${wrapText(about, widthOf(process.stdout))}\n`);
    return EXIT.done;
  }
  const subject: HelpSubject =
    name === undefined || !module
      ? {
          version,
          usage: "<command> [options]",
          commands: COMMANDS,
          options: [JSON_OPTION, PLAIN_OPTION, VERSION_OPTION, HELP_OPTION],
          examples: ["train ~/pictures", "sample runs/pictures-32 --seed 7"],
        }
      : {
          version,
          usage: COMMANDS[name]!.usage,
          options: [...own, JSON_OPTION, PLAIN_OPTION, HELP_OPTION],
          examples: module.examples.map((example) => `${name} ${example}`.trimEnd()),
          notes: module.notes?.(),
        };
  process.stdout.write(`${helpText(subject, widthOf(process.stdout))}\n`);
  return EXIT.done;
}

/**
 * What a command's help has under a topic; undefined for an operand of a command that has no
 * topics.
 * @throws UserError for a topic that the command does not have
 */
function topicOf(
  module: CommandModule | undefined,
  name: string | undefined,
  topic: string,
): string | undefined {
  if (!module?.topics) return undefined;
  if (Object.hasOwn(module.topics, topic)) return module.topics[topic]!();
  throw unknownName(`topic of ${name}`, topic, Object.keys(module.topics));
}

function unknownCommand(name: string, argv: readonly string[]): UserError {
  const meant = argv.find((argument) => Object.hasOwn(COMMANDS, argument));
  if (argv[0] === name || meant === undefined) return unknownName("command", name, Object.keys(COMMANDS));
  return new UserError(`"${name}" stands before the command.`, `Write: quarterturn ${meant} … [options]`);
}

function report(thrown: unknown, argv: readonly string[], json: boolean): number {
  const found = explainSystemError(thrown) ?? thrown;
  const error = found instanceof UserError ? new FlagError(found) : found;
  if (error instanceof FlagError) {
    const told = `${colors.red("error:")} ${error.message}\n${error.hint ? `${error.hint}\n` : ""}`;
    process.stderr.write(wrapText(terminalText(told), widthOf(process.stderr)));
    if (json) writeJson({ error: { message: error.message, hint: error.hint ?? null, ...error.details } });
    return EXIT.userError;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    terminalText(
      `${colors.red("This is a bug in quarterturn, not your mistake.")}\n${text}\n\n` +
        `Please report it with the lines above and these: quarterturn ${packageVersion()}, Node ${process.version}, ` +
        // People paste these lines into reports.
        `${process.platform} ${process.arch}, arguments: ${JSON.stringify(argv.map(withoutSecrets))}\n`,
    ),
  );
  if (json)
    writeJson({ error: { message: error instanceof Error ? error.message : String(error), bug: true } });
  return EXIT.bug;
}

function writeJson(document: unknown): void {
  process.stdout.write(jsonText(document));
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** `features`: the use cases, printed. */
import {
  ADDABLE_FEATURES,
  type AddedFeatures,
  addFeatures,
  checkAddable,
  listFeatures,
  removeFeatures,
} from "../../app/features.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { UserError, unknownName } from "../../base/errors.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import { defaultFeatures } from "../../metrics/features/registry.node.ts";
import { textTable } from "../../narration/table.ts";
import { type CommandModule, EXIT, type Invocation, refuseForeign } from "../command.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";

const WORDS = {
  stopping: "Stopping: what has been downloaded is kept. Press Ctrl-C again to quit at once.",
  stopped: "Stopped; nothing was added. The same command goes on from what has been downloaded.",
};

const ACTIONS: Readonly<Record<string, (invocation: Invocation) => Promise<number>>> = { list, add, remove };
/** Options by action. */
const OWN: Readonly<Record<string, readonly string[]>> = { add: ["from", "checksum"] };

/**
 * What the command line asks for.
 * @param options those of all actions
 * @returns the exit code
 * @throws UserError for an unknown action or name, and for everything that keeps weights from being
 * added
 */
export async function features(invocation: Invocation, options: CommandModule["options"]): Promise<number> {
  const [action = ""] = invocation.args;
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!run) throw unknownName("action", action, Object.keys(ACTIONS));
  refuseForeign(`features ${action}`, OWN[action] ?? [], options, invocation.options);
  return run(invocation);
}

async function list({ args, output }: Invocation): Promise<number> {
  if (args.length > 1) throw new UserError(`features list takes no name, got "${args[1]}".`);
  const found = await listFeatures();
  const state = (row: (typeof found.networks)[number]): string =>
    row.path !== undefined ? `added, ${formatBytes(row.bytes ?? 0)}` : row.available ? "there" : "not added";
  output.result(
    `${textTable(found.networks.map((row) => [row.name, `${state(row)}${row.default ? ", the default" : ""}`, row.description]))}\n\n` +
      `Added networks are kept in ${found.folder}. Any ONNX file that maps images to vectors can be named by its path.`,
    found,
  );
  return EXIT.done;
}

async function add({ args: [, name], options, output }: Invocation): Promise<number> {
  if (name === undefined)
    throw new UserError(
      "Which feature network is to be added?",
      `Known: ${Object.keys(ADDABLE_FEATURES).join(", ")}. Write: quarterturn features add inception --from FILE`,
    );
  const known = checkAddable(name);
  const from = options.text("from");
  if (from === undefined || from === "")
    throw new UserError(
      `features add ${known} needs the weights.`,
      `Write: quarterturn features add ${known} --from FILE|ADDRESS. They are published at ${ADDABLE_FEATURES[known]!.where}`,
    );
  const asked = { name: known, from, checksum: options.text("checksum") };
  return interruptible(output, WORDS, async (signal) => {
    const added = await addFeatures(asked, contextOf(output, signal));
    output.result(describe(added, await defaultFeatures()), added);
  });
}

function describe({ name, path, bytes, default: isDefault }: AddedFeatures, standard: string): string {
  const use = isDefault
    ? "It is the default from now on; runs that were measured before keep their network unless --features names another."
    : `Use it with --features ${name}; the default is ${standard}.`;
  return `${name} is added (${shortPath(path)}, ${formatBytes(bytes)}). ${use}`;
}

async function remove({ args: [, name], output }: Invocation): Promise<number> {
  if (name === undefined) throw new UserError("Which feature network is to be removed?");
  const removed = await removeFeatures(name);
  output.result(`${removed.name} is removed. The default is ${removed.default}.`, removed);
  return EXIT.done;
}

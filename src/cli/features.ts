/** The work of `features`. */

import { shortPath } from "../app/run-folder.ts";
import { UserError, unknownName } from "../base/errors.ts";
import { createInlineEngine } from "../engine/node.node.ts";
import { checkInstallable, INSTALLABLE, installFeatures } from "../metrics/features/install.node.ts";
import {
  findInstalled,
  type InstalledNetwork,
  networkFolder,
  removeInstalled,
} from "../metrics/features/installed.node.ts";
import { defaultFeatures, FEATURES } from "../metrics/features/registry.node.ts";
import { progressBar } from "../narration/progress.ts";
import { textTable } from "../narration/table.ts";
import { readableBytes } from "../training/files.node.ts";
import { type CommandModule, EXIT, type Invocation, refuseForeign } from "./command.ts";
import { Interrupted, watchInterrupts } from "./interrupt.ts";

const WORDS = "Stopping: what has been downloaded is kept. Press Ctrl-C again to quit at once.";

const ACTIONS: Readonly<Record<string, (invocation: Invocation) => Promise<void>>> = { list, add, remove };
/** Options by action. */
const OWN: Readonly<Record<string, readonly string[]>> = { add: ["from", "checksum"] };

/**
 * What the command line asks for.
 * @param options those of all actions
 * @returns the exit code
 * @throws UserError for an unknown action or name, and for everything that keeps weights from being added
 */
export async function features(invocation: Invocation, options: CommandModule["options"]): Promise<number> {
  const [action = ""] = invocation.args;
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!run) throw unknownName("action", action, Object.keys(ACTIONS));
  refuseForeign(`features ${action}`, OWN[action] ?? [], options, invocation.options);
  try {
    await run(invocation);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const words = "Stopped; nothing was added. The same command goes on from what has been downloaded.";
    invocation.output.result(words, { reason: "interrupted" });
    return EXIT.interrupted;
  }
}

/** Names of the networks that come with the package. */
const shipped = (): string[] =>
  FEATURES.map((each) => each.name).filter((name) => !Object.hasOwn(INSTALLABLE, name));

async function list({ args, output }: Invocation): Promise<void> {
  if (args.length > 1) throw new UserError(`features list takes no name, got "${args[1]}".`);
  const standard = await defaultFeatures();
  const rows = await Promise.all(
    FEATURES.map(async ({ name, description }) => {
      const installed = await findInstalled(name);
      const there = installed !== undefined || shipped().includes(name);
      return { name, description, default: name === standard, available: there, ...installed };
    }),
  );
  const state = (row: (typeof rows)[number]): string =>
    row.path !== undefined
      ? `added, ${readableBytes(row.bytes ?? 0)}`
      : row.available
        ? "there"
        : "not added";
  output.result(
    `${textTable(rows.map((row) => [row.name, `${state(row)}${row.default ? ", the default" : ""}`, row.description]))}\n\n` +
      `Added networks are kept in ${networkFolder()}. Any ONNX file that maps images to vectors can be named by its path.`,
    { folder: networkFolder(), networks: rows },
  );
}

async function add({ args: [, name], options, output }: Invocation): Promise<void> {
  if (name === undefined)
    throw new UserError(
      "Which feature network is to be added?",
      `Known: ${Object.keys(INSTALLABLE).join(", ")}. Write: quarterturn features add inception --from FILE`,
    );
  const known = checkInstallable(name, shipped());
  const from = options.text("from");
  if (from === undefined || from === "")
    throw new UserError(
      `features add ${known} needs the weights.`,
      `Write: quarterturn features add ${known} --from FILE|ADDRESS. They are published at ${INSTALLABLE[known].where}`,
    );
  const interrupts = watchInterrupts(output, undefined, WORDS);
  const engine = await createInlineEngine({ device: "cpu", threads: 0 });
  const bar = progressBar(output);
  try {
    const network = await installFeatures(known, {
      from,
      checksum: options.text("checksum"),
      engine,
      signal: interrupts.signal,
      onProgress: (done, total) => bar("downloading", done, total, readableBytes),
      onRetry: (reason) => output.warning(`The connection broke (${reason}); trying again.`),
      onBuild: () => output.status("building the network"),
    });
    for (const remark of network.provenance?.remarks ?? []) output.warning(remark);
    const standard = await defaultFeatures();
    output.result(describe(known, network, standard), {
      name: known,
      default: known === standard,
      ...network,
    });
  } finally {
    interrupts.dispose();
    await engine.close();
  }
}

function describe(name: string, { path, bytes }: InstalledNetwork, standard: string): string {
  const use =
    name === standard
      ? "It is the default from now on; runs that were measured before keep their network unless --features names another."
      : `Use it with --features ${name}; the default is ${standard}.`;
  return `${name} is added (${shortPath(path)}, ${readableBytes(bytes)}). ${use}`;
}

async function remove({ args: [, name], output }: Invocation): Promise<void> {
  if (name === undefined) throw new UserError("Which feature network is to be removed?");
  if (shipped().includes(name)) throw new UserError(`${name} comes with quarterturn and cannot be removed.`);
  const known = checkInstallable(name, shipped());
  if (!(await removeInstalled(known)))
    throw new UserError(
      `${known} is not added, so there is nothing to remove.`,
      `It would be in ${networkFolder()}.`,
    );
  const standard = await defaultFeatures();
  output.result(`${known} is removed. The default is ${standard}.`, {
    ...{ name: known, removed: true, default: standard },
  });
}

/**
 * `npm run bench`: a full training step against PyTorch and against the machine's peak, and how
 * long a user waits. Everything is measured in one run, the sides alternately, because machines
 * differ from minute to minute: trust the ratios.
 */
import { writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { UserError } from "../src/base/errors.ts";
import { availableThreads } from "../src/engine/devices/cpu.node.ts";
import { checkBfloat16 } from "../src/engine/devices/device-check.node.ts";
import { countLines, countStep } from "./count.ts";
import { measureSize, measureStart, type SizeResult } from "./measure.ts";
import { HELP, type Options, parseOptions, sizesOf } from "./options.ts";
import { findTorch, INSTALL_TORCH } from "./processes.ts";
import { sizeLines, startLines } from "./report.ts";
import { benchSettings, sizeName } from "./settings.ts";

/** What prevents our steps in bfloat16, if anything does. */
async function canTrainInBfloat16(): Promise<string | undefined> {
  const finding = await checkBfloat16();
  return "problem" in finding ? `${finding.problem} ${finding.hint ?? ""}` : undefined;
}

/** Other work on the machine above which figures are doubtful, in busy cores. */
const BUSY = 0.5;

async function bench(given: Options): Promise<void> {
  // Both sides get the same number, whatever each would take by itself.
  const options = { ...given, threads: given.threads || availableThreads() };
  const say = (text: string): void => console.log(text);
  const progress = (text: string): void => console.error(`… ${text}`);
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    threads: options.threads,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore: loadavg()[0]!,
  };
  say(`${machine.cpu}, ${machine.threads} threads, ${machine.memoryGB} GiB, Node ${machine.node}`);
  if (machine.loadBefore > BUSY)
    say(
      `The machine is busy (load ${machine.loadBefore.toFixed(1)}): the figures will be poor, ratios included.`,
    );
  const python = await findTorch();
  if (!python) say(`PyTorch is missing, so it is left out. To compare with it: ${INSTALL_TORCH}`);
  const native = await canTrainInBfloat16();
  if (native !== undefined) say(`Our steps in bfloat16 are left out: ${native}`);
  if (options.quick) say("Quick: shows that everything works; the figures mean little.");

  const sizes: SizeResult[] = [];
  for (const form of options.forms)
    for (const size of sizesOf(form, options)) {
      const result = await measureSize(
        form,
        size,
        options,
        { python, native: native === undefined },
        progress,
      );
      sizes.push(result);
      say(`\n${sizeLines(result).join("\n")}`);
    }
  progress("start-up");
  const start = await measureStart(options.quick);
  say(`\n${startLines(start).join("\n")}`);
  if (options.json) {
    await writeFile(options.json, `${JSON.stringify({ machine, options, sizes, start }, null, 2)}\n`);
    say(`\nEvery figure: ${options.json}`);
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") console.log(HELP);
  else if (options.count)
    for (const form of options.forms)
      for (const size of sizesOf(form, options)) {
        const rows = countStep(benchSettings(form, size.generator, size.discriminator));
        console.log(countLines(`${form} ${sizeName(size)}`, rows).join("\n"));
      }
  else await bench(options);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  if (error.hint) console.error(error.hint);
  process.exitCode = 2;
}

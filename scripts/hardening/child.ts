/**
 * The process in which the campaign's inputs are read: a line of JSON an input. It may hang or die;
 * hostile.ts goes on with the next.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { explainSystemError } from "../../src/app/support/system-errors.ts";
import { UserError } from "../../src/base/errors.ts";
import { prepareFormats } from "../../test/support/formats.ts";
import { mutateFile } from "../../test/support/mutations.ts";
import { dataFormats } from "./data-formats.ts";

/** What became of an input. */
export interface Verdict {
  readonly format: string;
  readonly seed: number;
  /** `begun` before it is read, so that one is known that never ends. */
  readonly outcome: "begun" | "read" | "refused" | "bug";
  readonly message?: string | undefined;
  /** The most memory of the process so far, in bytes. */
  readonly peak: number;
}

const [folder = "", from = "0", each = "1"] = process.argv.slice(2);
const say = (verdict: Omit<Verdict, "peak">): void =>
  void process.stdout.write(
    `${JSON.stringify({ ...verdict, peak: 1024 * process.resourceUsage().maxRSS })}\n`,
  );

const formats = [...(await prepareFormats(folder)), ...(await dataFormats(folder))];
for (const { file, valid } of formats) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, valid);
}
for (let input = Number(from); input < formats.length * Number(each); input++) {
  const format = formats[Math.floor(input / Number(each))]!;
  const seed = input % Number(each);
  say({ format: format.name, seed, outcome: "begun" });
  await writeFile(format.file, mutateFile(format.valid, format.notation, seed, format.seal));
  try {
    await format.read();
    say({ format: format.name, seed, outcome: "read" });
  } catch (error) {
    const told = explainSystemError(error) ?? error;
    const outcome = told instanceof UserError ? "refused" : "bug";
    say({
      format: format.name,
      seed,
      outcome,
      message: error instanceof Error ? error.stack : String(error),
    });
  }
  await writeFile(format.file, format.valid);
}

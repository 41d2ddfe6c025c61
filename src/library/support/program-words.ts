/**
 * Messages as programs read them. Use cases mark the options they name (base/option-names.ts). The
 * layers below them speak of values and runs as the command line has them, `--set path=value` and
 * `--fork`; here, and nowhere else, they become what a call of the library takes.
 */
import { UserError } from "../../base/errors.ts";
import { literal, writeOptions } from "../../base/option-names.ts";

/** Flags that are values of another option of a call. */
const MODES = /(?<![\w-])--(fork|new)(?![\w-])/g;
/**
 * Values of the configuration, one or several: a full stop or a comma after a value is the
 * sentence's.
 */
const SETTINGS = /(?<![\w-])--set \S+?=[^\s,;)]*[^\s,;).](?:\s--set \S+?=[^\s,;)]*[^\s,;).])*/g;
const FLAG = /(?<![\w-])--([a-z][a-z-]*[a-z])(?![\w-])/g;

/** A message in the terms of a program. */
export const inProgramWords = (message: string): string =>
  writeOptions(message)
    .replace(SETTINGS, (all) => {
      const values = [...all.matchAll(/--set (\S+?)=(\S*)/g)].map(
        ([, path = "", value = ""]) => `${JSON.stringify(path)}: ${literal(value)}`,
      );
      return `set: { ${values.join(", ")} }`;
    })
    .replace(MODES, 'mode: "$1"')
    .replace(FLAG, (_, name: string) =>
      name.replace(/-([a-z])/g, (__, letter: string) => letter.toUpperCase()),
    );

/** An error of a use case in the terms of a program. */
class ProgramError extends UserError {
  override readonly details: UserError["details"];

  constructor(error: UserError) {
    super(inProgramWords(error.message), error.hint && inProgramWords(error.hint), { cause: error });
    this.details = error.details;
  }
}

/**
 * Do the work of a call.
 * @throws what it throws; of a mistake of the caller in the terms of a program
 */
export async function forProgram<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof UserError ? new ProgramError(error) : error;
  }
}

/** The command line of this package, for what is trained in processes of their own. */
import { fileURLToPath } from "node:url";

/** Node and the program, before its arguments. */
export const thisProgram = (): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL("../../../bin/quarterturn.js", import.meta.url)),
];

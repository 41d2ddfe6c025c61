/**
 * `quarterturn doctor`: what this machine offers, what is missing, and the command that adds it.
 */
import { type CommandModule, EXIT } from "../command.ts";
import { inFlags } from "../options/option-words.ts";
import { contextOf } from "../terminal/narrate.ts";

export const command: CommandModule = {
  options: [],
  examples: ["", "--json"],
  async run({ output }) {
    const { examineMachine } = await import("../../app/doctor.ts");
    const checks = await examineMachine(contextOf(output));
    const missing = checks.filter((check) => check.state === "missing");
    const verdict =
      missing.length === 0
        ? "\nThis machine can train: quarterturn train"
        : `\nNot ready: ${missing.map((check) => check.name).join(", ")}.`;
    output.result(verdict, {
      ready: missing.length === 0,
      checks: checks.map(({ found, remedy, ...check }) => ({
        ...check,
        found: inFlags(found),
        ...(remedy !== undefined && { remedy: inFlags(remedy) }),
      })),
    });
    return missing.length === 0 ? EXIT.done : EXIT.userError;
  },
};

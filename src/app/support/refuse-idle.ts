/** Options that would be ignored are mistakes, and are refused. */
import { UserError } from "../../base/errors.ts";
import { type OptionName, option } from "../../base/option-names.ts";

/**
 * Refuse options that change nothing beside another.
 * @param names of those, of which any that is given is refused
 * @param because why they change nothing, a sentence without its full stop
 * @throws UserError naming the first one that is given
 */
export function refuseIdle<O extends object>(
  options: O,
  names: readonly (OptionName & keyof O)[],
  because: string,
): void {
  const name = names.find((each) => options[each] !== undefined);
  if (name !== undefined)
    throw new UserError(`${option(name)} would change nothing: ${because}.`, "Leave one of them out.");
}

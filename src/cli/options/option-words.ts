/** Errors of use cases as the command line prints them. */
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";

export { inFlags } from "../../base/option-flags.ts";

/** An error for the user with its options as flags. */
export class FlagError extends UserError {
  override readonly details: UserError["details"];

  constructor(error: UserError) {
    const { message, hint } = error.written(asFlag);
    super(message, hint, { cause: error });
    this.details = error.details;
  }
}

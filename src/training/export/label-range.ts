/** Which labels an exported discriminator takes, in words. */
import { predictsClasses } from "../../objectives/settings.ts";
import type { Config } from "../config/schema.ts";

/** `0 to 9`, and what else a discriminator that predicts classes takes. */
export const labelRange = (config: Pick<Config, "data" | "discriminator">): string =>
  `0 to ${config.data.classes - 1}${
    predictsClasses(config) ? ", or -1 for one that is not known, which is then predicted" : ""
  }`;

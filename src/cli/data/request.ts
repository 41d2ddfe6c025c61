/** The options that say which images: the same for every action of `data` that looks at some. */

import { type DataRequest, dataRequest, type ImagesOptions } from "../../app/looked-at.ts";
import { unknownName } from "../../base/errors.ts";
import { PREPROCESSINGS, RESIZES } from "../../data/preprocessing.ts";
import { SPLITS } from "../../data/store.ts";
import { configSchema } from "../../training/config/schema.ts";
import type { Invocation } from "../command.ts";

/**
 * @param defaults of what no option says; those of the configuration unless given
 * @throws UserError for a value there is not, or an unknown kind of data
 */
export function readDataRequest(
  { args, options }: Pick<Invocation, "args" | "options">,
  defaults: Omit<DataRequest, "source"> = configSchema.parse({}).data,
): DataRequest {
  const resolution = options.number("resolution", { whole: true, min: 8, max: 4096 }) ?? defaults.resolution;
  return dataRequest(readImages({ args, options }), { ...defaults, resolution });
}

/** @throws UserError for a value there is not */
export function readImages({ args, options }: Pick<Invocation, "args" | "options">): ImagesOptions {
  const one = <T extends string>(name: string, known: readonly T[]): T | undefined => {
    const given = options.text(name);
    const found = known.find((each) => each === given);
    if (given !== undefined && found === undefined) throw unknownName(name, given, known);
    return found;
  };
  return {
    data: args[0],
    split: one("split", SPLITS),
    preprocessing: one("preprocessing", PREPROCESSINGS),
    resize: one("resize", RESIZES),
  };
}

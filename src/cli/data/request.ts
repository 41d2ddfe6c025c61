/** The options that say which images: the same for every action of `data` that looks at some. */

import { canonicalSource } from "../../app/run-folder.ts";
import { unknownName } from "../../base/errors.ts";
import { PREPROCESSINGS, type Preprocessing, RESIZES, type Resize } from "../../data/preprocessing.ts";
import { SPLITS, type Split } from "../../data/store.ts";
import { configSchema } from "../../training/config/schema.ts";
import type { Invocation } from "../command.ts";

/** Which images, in the words of `openData`. */
export interface DataRequest {
  readonly source: string | null;
  readonly resolution: number;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly resize: Resize;
}

/**
 * @param defaults of what no option says; those of the configuration unless given
 * @throws UserError for a value there is not, or an unknown kind of data
 */
export function readDataRequest(
  { args, options }: Pick<Invocation, "args" | "options">,
  defaults: Omit<DataRequest, "source"> = configSchema.parse({}).data,
): DataRequest {
  const { resolution, split, preprocessing, resize } = defaults;
  const one = <T extends string>(name: string, known: readonly T[]): T | undefined => {
    const given = options.text(name);
    const found = known.find((each) => each === given);
    if (given !== undefined && found === undefined) throw unknownName(name, given, known);
    return found;
  };
  return {
    source: canonicalSource(args[0] ?? null),
    resolution: options.number("resolution", { whole: true, min: 8, max: 4096 }) ?? resolution,
    split: one("split", SPLITS) ?? split,
    preprocessing: one("preprocessing", PREPROCESSINGS) ?? preprocessing,
    resize: one("resize", RESIZES) ?? resize,
  };
}

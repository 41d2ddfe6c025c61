/** The options that say which images: the same for every action of `data` that looks at some. */
import { unknownName } from "../../base/errors.ts";
import type { Split } from "../../data/index.node.ts";
import { configSchema } from "../../training/config/schema.ts";
import type { Invocation } from "../command.ts";
import { canonicalSource } from "../run-folder.ts";

const SPLITS: readonly Split[] = ["train", "test", "all"];

/** Which images, in the words of `openData`. */
export interface DataRequest {
  readonly source: string | null;
  readonly resolution: number;
  readonly split: Split;
}

/** @throws UserError for a resolution or split there is not, or an unknown kind of data */
export function readDataRequest({ args, options }: Pick<Invocation, "args" | "options">): DataRequest {
  const { resolution, split } = configSchema.parse({}).data;
  const given = options.text("split");
  const known = SPLITS.find((each) => each === given);
  if (given !== undefined && known === undefined) throw unknownName("split", given, SPLITS);
  return {
    source: canonicalSource(args[0] ?? null),
    resolution: options.number("resolution", { whole: true, min: 8, max: 4096 }) ?? resolution,
    split: known ?? split,
  };
}

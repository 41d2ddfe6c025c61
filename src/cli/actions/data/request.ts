/** The options that say which images: the same for every action of `data` that looks at some. */
import type { ImagesOptions, SizedImagesOptions } from "../../../app/data/images-options.ts";
import { unknownName } from "../../../base/errors.ts";
import { PREPROCESSINGS, RESIZES } from "../../../data/decode/preprocessing.ts";
import { SPLITS, UNLABELED } from "../../../data/store/store.ts";
import type { Invocation } from "../../command.ts";

/** Which images, and at what size. @throws UserError for a value there is not */
export const readSizedImages = (invocation: Pick<Invocation, "args" | "options">): SizedImagesOptions => ({
  resolution: invocation.options.number("resolution", { whole: true, min: 8, max: 4096 }),
  ...readImages(invocation),
});

/**
 * Which images a command looks at, from its arguments.
 * @throws UserError for a value there is not
 */
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
    unlabeled: one("unlabeled", UNLABELED),
  };
}

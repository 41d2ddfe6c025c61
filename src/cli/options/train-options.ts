/** From the arguments of `train` to the options of the use case. */
import type { TrainOptions } from "../../app/train/options.ts";
import { UserError } from "../../base/errors.ts";
import { parseSet } from "../../training/config/resolve.ts";
import type { Invocation } from "../command.ts";

/**
 * The options of `train`, from its arguments.
 * @throws UserError for numbers out of range, and flags that contradict each other
 */
export function readTrainOptions({ args, options }: Pick<Invocation, "args" | "options">): TrainOptions {
  const fork = options.flag("fork") === true;
  const fresh = options.flag("new") === true;
  if (fork && fresh)
    throw new UserError(
      "--fork and --new contradict each other.",
      "--fork goes on from an existing run's newest checkpoint, --new begins at step 0.",
    );
  const whole = (name: string, min = 0): number | undefined => options.number(name, { whole: true, min });
  return {
    data: args[0],
    preset: options.text("preset"),
    // A later value of the same path wins.
    set: Object.fromEntries(
      options.texts("set").map((text) => {
        const { path, value } = parseSet(text);
        return [path, value];
      }),
    ),
    steps: whole("steps", 1),
    time: options.text("time"),
    resolution: sideOrAuto(options.text("resolution")),
    width: sideOrAuto(options.text("width")),
    seed: whole("seed"),
    run: options.text("run"),
    init: options.text("init"),
    mode: fork ? "fork" : fresh ? "new" : undefined,
    from: whole("from", 1),
    rescue: options.flag("rescue"),
    evaluateEvery: options.text("evaluate-every") === "auto" ? "auto" : whole("evaluate-every"),
    probeEvery: whole("probe-every"),
    device: options.text("device"),
    threads: whole("threads"),
    tfevents: options.flag("tfevents"),
  };
}

/** What is no number is refused by the configuration, in its words. */
const sideOrAuto = (text: string | undefined): number | "auto" | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : (text as "auto" | undefined);

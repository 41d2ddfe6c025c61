/** From the options of `reproduce` to those of the use case. */
import { type ReproduceRequest, reproduceRequest } from "../../../app/reproduce/request.ts";
import type { Invocation } from "../../command.ts";

/**
 * The options of `reproduce`, from its arguments.
 * @throws UserError for unknown names, and options that would have no effect
 */
export function readReproduceRequest({ args, options }: Invocation): ReproduceRequest {
  const rows = options.text("rows");
  return reproduceRequest({
    name: args[0]!,
    scale: options.text("scale"),
    data: options.text("data"),
    out: options.text("out"),
    steps: options.number("steps", { whole: true, min: 1 }),
    seeds: options.number("seeds", { whole: true, min: 1, max: 100 }),
    firstSeed: options.number("first-seed", { whole: true, min: 0 }),
    rows: rows === "all" ? rows : namesIn(rows),
    set: options.texts("set"),
    jobs: options.number("jobs", { whole: true, min: 1, max: 1024 }),
    retries: options.number("retries", { whole: true, min: 0 }),
    threads: options.number("threads", { whole: true, min: 0 }),
  });
}

const namesIn = (list: string | undefined): string[] | undefined =>
  list
    ?.split(",")
    .map((name) => name.trim())
    .filter(Boolean);

/** Lines of records, to be compared between runs. */
import { TIMING_FIELDS } from "../events.ts";

/** A line without the fields in which two equal runs differ. */
export const withoutTiming = (line: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(line).filter(([name]) => !(TIMING_FIELDS as readonly string[]).includes(name)),
  );

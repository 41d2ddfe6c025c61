/** A configuration as rows for a table: path, value, unit, and why it is so. */
import { describeConfig } from "../training/config/describe.ts";

/** One configuration value with the reason it has. */
export interface ReasonedValue {
  readonly path: string;
  readonly value: unknown;
  readonly unit: string;
  readonly reason: string;
}

/** Every value of a configuration with its unit and reason, in the order of the schema. */
export function configRows(config: object, reasons: Readonly<Record<string, string>>): ReasonedValue[] {
  const sections = config as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return describeConfig().map(({ path, unit }) => {
    const [section = "", key = ""] = path.split(".");
    return { path, value: sections[section]?.[key], unit, reason: reasons[path] ?? "" };
  });
}

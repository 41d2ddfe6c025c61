/** A configuration as rows for a table: path, value, unit, and why it is so. */
import { flattenConfig } from "../../training/config/check.ts";
import { describeConfig } from "../../training/config/describe.ts";

/** One configuration value with the reason it has. */
export interface ReasonedValue {
  readonly path: string;
  readonly value: unknown;
  readonly unit: string;
  readonly reason: string;
}

/** Every value of a configuration with its unit and reason, in the order of the schema. */
export function configRows(config: object, reasons: Readonly<Record<string, string>>): ReasonedValue[] {
  const values = flattenConfig(config);
  return describeConfig().map(({ path, unit }) => ({
    ...{ path, value: values[path], unit },
    reason: reasons[path] ?? "",
  }));
}

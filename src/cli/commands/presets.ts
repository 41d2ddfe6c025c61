/** `quarterturn presets [name]`: the named configurations, and where every value of one comes from. */
import { describeConfig, showValue } from "../../training/config/describe.ts";
import { loadPreset, presetNames } from "../../training/config/presets.node.ts";
import { resolveConfig } from "../../training/config/resolve.ts";
import { type CommandModule, EXIT } from "../command.ts";
import { textTable } from "../table.ts";

export const command: CommandModule = {
  options: [],
  examples: ["", "laptop", "paper/cifar10/ssgan --json"],
  async run({ args: [name], output }) {
    if (name === undefined) {
      const presets = presetNames().map((each) => loadPreset(each));
      output.result(
        `${textTable(presets.map((preset) => [preset.name, preset.description]))}\n\n` +
          '"quarterturn presets NAME" shows every value and where it comes from.',
        presets.map((preset) => ({
          name: preset.name,
          description: preset.description,
          values: preset.values,
        })),
      );
      return EXIT.done;
    }
    const preset = loadPreset(name);
    const { config, reasons } = resolveConfig({ preset, sets: [], flags: [] });
    const values = configRows(config, reasons);
    output.result(
      `${preset.description}\n\n${textTable(values.map((row) => [row.path, showValue(row.value), row.unit, row.reason]))}`,
      { name: preset.name, description: preset.description, values },
    );
    return EXIT.done;
  },
};

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

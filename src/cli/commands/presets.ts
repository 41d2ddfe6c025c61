/**
 * `quarterturn presets [name]`: the named configurations, and where every value of one comes from.
 */

import { configRows } from "../../app/support/config-rows.ts";
import { textTable } from "../../narration/table.ts";
import { showValue } from "../../training/config/describe.ts";
import { loadPreset, presetNames } from "../../training/config/presets.node.ts";
import { resolveConfig } from "../../training/config/resolve.ts";
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [],
  examples: ["", "laptop", "paper/cifar10/ssgan --json"],
  async run({ args: [name], output }) {
    if (name === undefined) {
      const presets = presetNames().map((each) => loadPreset(each));
      output.result(
        `${textTable(presets.map((preset) => [preset.name, preset.description, preset.source]))}\n\n` +
          '"quarterturn presets NAME" shows every value and where it comes from.\n' +
          "There is no cond for lsun-bedroom128 and celebahq128: their images have no classes, and the paper has none either.",
        presets.map((preset) => ({
          name: preset.name,
          description: preset.description,
          source: preset.source,
          values: preset.values,
        })),
      );
      return EXIT.done;
    }
    const preset = loadPreset(name);
    const { config, reasons } = resolveConfig({ preset, sets: [], flags: [] });
    const values = configRows(config, { ...reasons, ...preset.sources });
    output.result(
      `${preset.description}\nSource: ${preset.source}\n\n${textTable(values.map((row) => [row.path, showValue(row.value), row.unit, row.reason]))}`,
      { name: preset.name, description: preset.description, source: preset.source, values },
    );
    return EXIT.done;
  },
};

/** `quarterturn studio [runs]`: the live page over a folder of runs. */

import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--port <n>", "Port to listen on; 0 takes any free one (default: 4750)"],
    ["--host <address>", "Address to listen on (default: this machine only)"],
    [
      "--data <folder>",
      "Let trainings be started from the page, on the built-in images and on folders below this one",
    ],
    ["--allow-host <name>", "Answer to this name too, as that of a proxy before it; may be repeated"],
  ],
  examples: ["", "runs/mine", "--port 8080", "--data ~/pictures"],
  notes: () =>
    `  Shows finished and running trainings; what runs can be paused, saved and changed. Ctrl-C ends it, not the training.`,
  async run(invocation) {
    const { studioFrom } = await import("../actions/studio.ts");
    await studioFrom(invocation);
    return EXIT.done;
  },
};

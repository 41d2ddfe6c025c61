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
    ["--embed", "Let pages of this machine, as a notebook's, have the page in a frame"],
    ["--snapshot <file>", "Save the page with everything it shows as one HTML file instead of serving it"],
    [
      "--grids <n>",
      "With --snapshot: grids of samples of each run, from its first to its last (default: 12)",
    ],
    [
      "--no-inside",
      "With --snapshot: leave out what is seen inside the discriminators, which takes seconds a run",
    ],
    ["--allow-host <name>", "Answer to this name too, as that of a proxy before it; may be repeated"],
  ],
  examples: ["", "runs/mine", "--port 8080", "--data ~/pictures", "runs --snapshot runs.html"],
  notes: () =>
    `  Shows finished and running trainings; what runs can be paused, saved and changed. Ctrl-C ends it, not the training.`,
  async run(invocation) {
    const { studioFrom } = await import("../actions/studio.ts");
    await studioFrom(invocation);
    return EXIT.done;
  },
};

import type { CommandModule } from "../command.ts";
export const command: CommandModule = { options: [], examples: [], run: async () => 0 };

import { main } from "../../src/cli/main.ts";

void (async () => {
  process.exitCode = await main(process.argv.slice(2));
})();

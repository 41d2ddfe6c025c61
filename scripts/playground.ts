/**
 * `npm run playground [-- PORT]`: builds the playground and serves it on this machine, isolated, so
 * that it may use threads.
 */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { servePages } from "./serve-pages.ts";

const root = resolve(import.meta.dirname, "..");
const port = Number(process.argv[2] ?? 5173);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`The port must be a number from 0 to 65535, not "${process.argv[2]}".`);
  process.exit(2);
}
execFileSync(process.execPath, [...process.execArgv, resolve(root, "scripts/build-web.ts"), "playground"], {
  stdio: "inherit",
});
const { address } = await servePages(resolve(root, "dist", "pages", "playground"), true, port).catch(
  (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    console.error(`Port ${port} is taken. Give another one: npm run playground -- 5174`);
    process.exit(2);
  },
);
console.log(`The playground is at ${address} (Ctrl-C ends it).`);

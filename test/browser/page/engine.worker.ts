/** The worker of `createWorkerEngine`. */
import { serveEngine } from "../../../src/engine/web.ts";

serveEngine();

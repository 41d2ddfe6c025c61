/**
 * What holds for every test file, before it is loaded. Property tests draw the same cases in every
 * run, so that a failure is the change's fault and not the day's. Another seed tries other cases:
 * `QUARTERTURN_TEST_SEED=7 npm test`.
 */
import { configureGlobal } from "fast-check";
import { refuseTelemetry } from "../../src/base/processes/telemetry.node.ts";

// Tests load ONNX Runtime themselves, to look at models as others would.
refuseTelemetry();

configureGlobal({ seed: Number(process.env.QUARTERTURN_TEST_SEED ?? 1811_11212) });

// What is printed has no colors, also on continuous integration, where the library for them switches them on.
process.env.NO_COLOR = "1";

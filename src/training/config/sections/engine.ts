/** Configuration of a run: what computes. */
import { z } from "zod";
import { DEVICES, PRECISIONS } from "../../../engine/engine.ts";
import { notes, OURS } from "./notes.ts";

/** `engine.…` */
export const engineSection = z.strictObject({
  device: z
    .enum(DEVICES)
    .default("auto")
    .meta(
      notes(
        "",
        OURS,
        "What computes. auto tries what there is (docs/devices.md); without a graphics device it is the CPU, which resumes bit for bit.",
      ),
    ),
  threads: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .meta(
      notes("threads", OURS, "Threads for the arithmetic; 0 takes the cores this process may really use."),
    ),
  precision: z
    .enum(PRECISIONS)
    .default("auto")
    .meta(
      notes(
        "",
        OURS,
        "What training steps compute with: float32, or bfloat16 for feature maps with everything that is kept in float32 (docs/performance.md; needs oneDNN). auto is float32, but where a time is asked for and bfloat16 is measured to be much faster.",
      ),
    ),
});

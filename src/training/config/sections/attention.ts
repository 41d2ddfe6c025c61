/** Configuration of a run: where self-attention stands in a network. */
import { z } from "zod";
import { notes, SAGAN } from "./notes.ts";

/** `generator.attention` and `discriminator.attention`. */
export const attentionOf = (network: "generator" | "discriminator") =>
  z
    .union([z.int().min(2).max(256), z.literal("none")])
    .default("none")
    .meta(
      notes(
        "side of the map",
        SAGAN,
        `Self-attention behind the ${network}'s first residual block whose map has this side: every place looks at all others; none: nowhere.`,
      ),
    );

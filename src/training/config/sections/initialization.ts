/** Configuration of a run: how the kernels of a network begin, the same for both. */
import { z } from "zod";
import { INITIALIZATIONS } from "../../../nn/initialization.ts";
import { notes } from "./notes.ts";

/** `generator.initialization` or `discriminator.initialization`. */
export const initializationOf = (network: "generator" | "discriminator") =>
  z
    .enum(INITIALIZATIONS)
    .default("published")
    .meta(
      notes(
        "",
        "the architecture, as published",
        `How the ${network}'s kernels begin: as published, or normal (deviation 0.02), xavier, he, orthogonal, or fixup (he, with branches that begin at 0).`,
      ),
    );

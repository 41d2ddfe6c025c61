/** ONNX as a backend of programs: the graph is lowered to ONNX operators and serialized. */
import { lowerData } from "../lower.ts";
import type { Program, ProgramBorders } from "../program.ts";
import { overwritable } from "./in-place.ts";
import { withOwnMemory } from "./lifetimes.ts";
import { writeModel } from "./model.ts";

/** A program as ONNX Runtime takes it. */
export interface OnnxProgram extends ProgramBorders {
  /** The ONNX model, serialized. */
  readonly model: Uint8Array;
  /**
   * Names among `writes` whose new value may be made in the memory of the old one (in-place.ts).
   */
  readonly overwrites: readonly string[];
}

/** Serialize a program. The same program gives the same bytes. */
export function toOnnx({ code, ...borders }: Program): OnnxProgram {
  if (code.format === "onnx") return { ...borders, model: code.model, overwrites: code.overwrites };
  const { graph, provider, metadata } = code;
  if (provider === "native")
    throw new Error(`Program "${borders.name}" was rewritten for the native engine, not for ONNX.`);
  const lowered = lowerData(borders.name, graph, provider);
  const planned = provider === "cpu" ? withOwnMemory(lowered, lowered.shapes, borders.name) : lowered;
  return {
    ...borders,
    model: writeModel({ ...planned, ...(metadata && { metadata }) }),
    overwrites: overwritable(lowered.nodes, borders.reads, borders.writes),
  };
}

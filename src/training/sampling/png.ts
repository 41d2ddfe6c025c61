/** PNG files without a canvas or Node: fast-png keeps the pixels exactly wherever this runs. */
import { encode } from "fast-png";
import type { Picture } from "./samples.ts";

/** A PNG file of 8-bit RGB. */
export const pngOf = ({ width, height, pixels }: Picture): Uint8Array =>
  encode({ width, height, data: pixels, channels: 3, depth: 8 });

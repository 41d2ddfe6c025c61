/**
 * SVG figures as PNG, with a font of our own, so that they look alike on machines that have none.
 */
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

/** The fonts of figures (DejaVu), in `assets/fonts`. */
export const FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"] as const;

/** From `src/studies/figures/` as from `dist/studies/figures/`. */
const FOLDER = new URL("../../../assets/fonts/", import.meta.url);

/** Draw an SVG document. @param zoom pixels of the PNG for each of the SVG */
export function svgToPng(svg: string, zoom = 2): Uint8Array {
  const fontFiles = FONTS.map((name) => fileURLToPath(new URL(name, FOLDER)));
  return new Resvg(svg, {
    fitTo: { mode: "zoom", value: zoom },
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" },
  })
    .render()
    .asPng();
}

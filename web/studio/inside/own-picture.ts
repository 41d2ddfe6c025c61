/** A single image where a grid is expected. */
import { GRID_COLUMNS, GRID_GAP } from "../../../src/training/sampling/grid-layout.ts";

/**
 * A single image as a grid of which it is the first.
 * @param png of a square image, in base64
 * @returns a grid of which it is the first image, loaded
 */
export async function asGrid(png: string): Promise<HTMLImageElement> {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = document.createElement("canvas");
  canvas.width = GRID_COLUMNS * (image.width + GRID_GAP) - GRID_GAP;
  canvas.height = image.height;
  canvas.getContext("2d")!.drawImage(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  const url = URL.createObjectURL(blob!);
  try {
    const grid = new Image();
    grid.src = url;
    await grid.decode();
    return grid;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Pictures of a run as files, large enough for other programs to show them well. */
import { scaleFor } from "../../../src/training/enlarge.ts";
import { download, fileName } from "../../common/download.ts";
import { drawCell } from "../../common/grid.ts";

/** Pixels that the width of a saved grid comes to, about; those of one image. */
const GRID_WIDTH = 1080;
const IMAGE_WIDTH = 512;

/** Save a grid of images, every pixel a square of whole pixels. `words` become the file's name. */
export async function saveGrid(grid: HTMLImageElement, words: string): Promise<void> {
  await save(grid, grid.naturalWidth, grid.naturalHeight, GRID_WIDTH, words);
}

/** Save image `index` of a grid in the same way. */
export async function saveImage(grid: HTMLImageElement, index: number, words: string): Promise<void> {
  const canvas = document.createElement("canvas");
  drawCell(canvas, grid, index, { turns: 0 });
  await save(canvas, canvas.width, canvas.height, IMAGE_WIDTH, words);
}

async function save(
  source: CanvasImageSource,
  width: number,
  height: number,
  wanted: number,
  words: string,
): Promise<void> {
  const by = scaleFor(width, wanted);
  const canvas = document.createElement("canvas");
  canvas.width = width * by;
  canvas.height = height * by;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const png = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!png) throw new Error("This browser makes no PNG of that size.");
  download(fileName(words, "png"), png, "image/png");
}

/** Grids of images as training writes them (training/sampling/grid-layout.ts). */
import type { ViewDrawing } from "../../src/objectives/pretext/description.ts";
import { GRID_GAP as GAP, GRID_COLUMNS } from "../../src/training/sampling/grid-layout.ts";

/** What a grid holds. */
export interface GridShape {
  /** Pixels of an image's side. */
  readonly side: number;
  readonly rows: number;
  readonly count: number;
}

/** From the size of the picture. */
export function gridShape(width: number, height: number): GridShape {
  const side = (width + GAP) / GRID_COLUMNS - GAP;
  const rows = Math.round((height + GAP) / (side + GAP));
  return { side, rows, count: rows * GRID_COLUMNS };
}

/** Left upper corner of image `index`. */
function cellOrigin({ side }: GridShape, index: number): readonly [left: number, top: number] {
  return [(index % GRID_COLUMNS) * (side + GAP), Math.floor(index / GRID_COLUMNS) * (side + GAP)];
}

/** The image beside `index` for an arrow key; stays where there is none. */
export function neighbor(index: number, key: string, count: number): number {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -GRID_COLUMNS, ArrowDown: GRID_COLUMNS }[key] ?? 0;
  const next = key === "Home" ? 0 : key === "End" ? count - 1 : index + by;
  return next < 0 || next >= count ? index : next;
}

/** Draw image `index` of a grid, transformed as `how` says, over the whole canvas. */
export function drawCell(
  canvas: HTMLCanvasElement,
  grid: CanvasImageSource & { readonly naturalWidth: number; readonly naturalHeight: number },
  index: number,
  how: ViewDrawing,
): void {
  const shape = gridShape(grid.naturalWidth, grid.naturalHeight);
  const { side } = shape;
  const [left, top] = cellOrigin(shape, index);
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d")!;
  if ("tiles" in how) {
    const tile = side / how.side;
    for (const [place, from] of how.tiles.entries())
      context.drawImage(
        grid,
        left + (from % how.side) * tile,
        top + Math.floor(from / how.side) * tile,
        tile,
        tile,
        (place % how.side) * tile,
        Math.floor(place / how.side) * tile,
        tile,
        tile,
      );
    return;
  }
  context.translate(side / 2, side / 2);
  context.rotate((-how.turns * Math.PI) / 2);
  context.drawImage(grid, left, top, side, side, -side / 2, -side / 2, side, side);
}

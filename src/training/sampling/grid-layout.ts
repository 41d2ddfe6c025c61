/** How training lays out its grids of images. Pages and studies find single images by it. */

/** Images in a row. */
export const GRID_COLUMNS = 8;
/** Pixels between two images. */
export const GRID_GAP = 2;

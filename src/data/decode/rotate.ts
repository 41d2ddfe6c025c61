/**
 * Quarter turns of stored images, as `quarterTurn` in objectives/pretext/quarter-turn.ts turns them
 * within a graph.
 */

/**
 * An image [side, side, 3] rotated counterclockwise by `turns` quarter turns (numpy.rot90). A new
 * array.
 */
export function rotatePixels(pixels: Uint8Array, side: number, turns: 0 | 1 | 2 | 3): Uint8Array {
  const out = new Uint8Array(pixels.length);
  const last = side - 1;
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const [y, x] = (
        [
          [row, column],
          [column, last - row],
          [last - row, last - column],
          [last - column, row],
        ] as const
      )[turns];
      const from = 3 * (y * side + x);
      const to = 3 * (row * side + column);
      for (let channel = 0; channel < 3; channel++) out[to + channel] = pixels[from + channel]!;
    }
  return out;
}

/**
 * Quarter turns of images: pure permutations of pixels. With I[row][column] and side S (as
 * numpy.rot90):
 *
 *      90°: R[i][j] = I[j][S−1−i]   transpose, then reverse the rows
 *     180°: R[i][j] = I[S−1−i][S−1−j]
 *     270°: R[i][j] = I[S−1−j][i]   reverse the rows, then transpose
 */
import { reverse, type Tensor, transpose } from "../../graph/index.ts";

/** Number of quarter turns, and so of classes: 0°, 90°, 180°, 270°. */
export const TURNS = 4;

const ROWS = 2;
const COLUMNS = 3;
const flipDiagonally = (x: Tensor): Tensor => transpose(x, [0, 1, COLUMNS, ROWS]);

/** Images [N, C, S, S] rotated counterclockwise by `turns` quarter turns, 0 to 3. */
export function quarterTurn(x: Tensor, turns: number): Tensor {
  if (turns === 1) return reverse(flipDiagonally(x), [ROWS]);
  if (turns === 2) return reverse(x, [ROWS, COLUMNS]);
  if (turns === 3) return flipDiagonally(reverse(x, [ROWS]));
  return x;
}

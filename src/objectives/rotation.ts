/**
 * Self-supervision by rotation (paper §3; compare_gan gans/ssgan.py). The last n images of a batch are shown in all four quarter
 * turns; a head on the discriminator's features tells which turn each was given. Turns are pure permutations of pixels. With
 * I[row][column] and side S (as numpy.rot90):
 *
 *      90°: R[i][j] = I[j][S−1−i]   transpose, then reverse the rows
 *     180°: R[i][j] = I[S−1−i][S−1−j]
 *     270°: R[i][j] = I[S−1−j][i]   reverse the rows, then transpose
 */
import {
  argmax,
  cast,
  concat,
  constant,
  equal,
  integers,
  logSoftmax,
  mean,
  mul,
  neg,
  reverse,
  sliceAxis,
  sum,
  type Tensor,
  transpose,
} from "../graph/index.ts";

/** Number of quarter turns, and so of classes: 0°, 90°, 180°, 270°. */
export const TURNS = 4;

const ROWS = 2;
const COLUMNS = 3;
const flipDiagonally = (x: Tensor): Tensor => transpose(x, [0, 1, COLUMNS, ROWS]);

/** Images [N, C, S, S] turned anticlockwise by `turns` quarter turns. */
export function quarterTurn(x: Tensor, turns: 0 | 1 | 2 | 3): Tensor {
  if (turns === 1) return reverse(flipDiagonally(x), [ROWS]);
  if (turns === 2) return reverse(x, [ROWS, COLUMNS]);
  if (turns === 3) return flipDiagonally(reverse(x, [ROWS]));
  return x;
}

/** The last n of N images at 90°, then at 180°, then at 270°: [3n, C, S, S]. The upright ones are already in the batch. */
export function turnedImages(images: Tensor, n: number): Tensor {
  const last = sliceAxis(images, 0, images.shape[0]! - n, images.shape[0]!);
  return concat([quarterTurn(last, 1), quarterTurn(last, 2), quarterTurn(last, 3)], 0);
}

/** Image i of N turned by ⌊4i/N⌋ quarter turns, N a multiple of 4: every image in one turn (mimicry's `_rotate_batch`). */
export function eachInOneTurn(images: Tensor): Tensor {
  const quarter = images.shape[0]! / TURNS;
  return concat(
    ([0, 1, 2, 3] as const).map((turns) =>
      quarterTurn(sliceAxis(images, 0, turns * quarter, (turns + 1) * quarter), turns),
    ),
    0,
  );
}

/** What the rotation head made of as many images of each turn. */
export interface RotationResult {
  /** Mean cross-entropy; ln 4 ≈ 1.386 for a head that knows nothing. */
  readonly loss: Tensor;
  /** Share of images whose turn was told; 0.25 by chance. */
  readonly accuracy: Tensor;
}

/** Judge logits [4n, 4] of images stacked by turn: n upright, n at 90°, n at 180°, n at 270°. */
export function rotationLoss(logits: Tensor): RotationResult {
  const count = logits.shape[0]!;
  const labels = Array.from({ length: count }, (_, i) => Math.floor((TURNS * i) / count));
  const oneHot = constant(
    labels.flatMap((label) => [0, 1, 2, 3].map((turn) => (turn === label ? 1 : 0))),
    [count, TURNS],
  );
  const loss = neg(mul(sum(mul(oneHot, logSoftmax(logits, 1))), 1 / count));
  const accuracy = mean(cast(equal(argmax(logits, 1), integers(labels)), "float32"));
  return { loss, accuracy };
}

/**
 * Whole numbers from uniform ones inside the graph, without an operator that rounds: a position is
 * known by what it lies between.
 */
import { cast, constant, greater, type Shape, sub, type Tensor } from "../../graph/index.ts";

/**
 * 1 where low ≤ ⌊v⌋ ≤ high, else 0, for whole numbers low and high, which are constants of any
 * shape: ⌊v⌋ ≥ low ⇔ v ≥ low and ⌊v⌋ ≤ high ⇔ v < high + 1.
 * @param v float32, broadcast against the constants
 */
export function floorBetween(
  v: Tensor,
  low: readonly number[],
  high: readonly number[],
  shape: Shape,
): Tensor {
  const below = cast(
    greater(
      constant(
        high.map((n) => n + 1),
        shape,
      ),
      v,
    ),
    "float32",
  );
  return sub(below, cast(greater(constant(low, shape), v), "float32"));
}

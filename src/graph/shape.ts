/**
 * Shape arithmetic: sizes, broadcasting as NumPy and ONNX define it, axes. All functions are pure.
 */

/** Static sizes; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** `[64, 3, 32, 32]` for messages and listings. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The common shape of several operands by NumPy's rule, or `undefined` if there is none. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] | undefined {
  const rank = Math.max(...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (const [i, n] of shape.entries()) {
      const current = result[offset + i]!;
      if (current === 1) result[offset + i] = n;
      else if (n !== 1 && n !== current) return undefined;
    }
  }
  return result;
}

/**
 * Axes of `to` along which a tensor of shape `from` is repeated when it is broadcast; first the
 * ones `from` lacks.
 */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  return to.flatMap((n, i) => (i < offset || (from[i - offset] === 1 && n !== 1) ? [i] : []));
}

/**
 * Negative axes count from the end; the result is sorted. `undefined` if one is out of range or
 * named twice.
 */
export function normalizeAxes(axes: readonly number[], rank: number): number[] | undefined {
  const result = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  const valid = result.every(
    (axis, i) => Number.isInteger(axis) && axis >= 0 && axis < rank && axis !== result[i - 1],
  );
  return valid ? result : undefined;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

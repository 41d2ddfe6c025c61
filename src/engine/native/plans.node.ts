/** Plans of all primitives that are used. Each is undefined where oneDNN has nothing fast. */
import { createCore, type DnnlCore, type Keep, type Plan } from "./dnnl.node.ts";
import type { Library } from "./library.node.ts";
import {
  type After,
  ALGORITHM,
  type Descriptor,
  type Geometry,
  NORM_RELU,
  NORM_SCALE_SHIFT,
  PROPAGATION,
} from "./vocabulary.ts";

/** An engine with all its primitives. */
export type Dnnl = DnnlCore & ReturnType<typeof plansOf>;

/** Open the engine of the CPU. @param threads that large operations use */
export function createDnnl(library: Library, threads = 1): Dnnl {
  const core = createCore(library, threads);
  return { ...core, ...plansOf(core) };
}

const dims = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

function plansOf({ library, operation, passingOver }: DnnlCore) {
  const { functions } = library;
  const geometryOf = ({ strides, padding, dilation }: Geometry) =>
    [
      dims(strides),
      dims(dilation.map((n) => n - 1)),
      dims(padding.map(([low]) => low)),
      dims(padding.map(([, high]) => high)),
    ] as const;
  const window = (k: readonly [number, number]) =>
    [dims(k), dims(k), dims([0, 0]), dims([0, 0]), dims([0, 0])] as const;

  const convolution = (
    keep: Keep,
    [x, w, bias, y]: readonly [Descriptor, Descriptor, Descriptor | undefined, Descriptor],
    geometry: Geometry,
    after: readonly After[] = [],
  ): Plan | undefined =>
    operation(
      keep,
      (bytes) =>
        functions.dilated_convolution_forward_desc_init(
          ...[bytes, PROPAGATION.training, ALGORITHM.directConvolution, x, w, bias ?? null, y],
          ...geometryOf(geometry),
        ),
      after,
    );

  return {
    convolution,

    convolutionInput(
      keep: Keep,
      [dx, w, dy]: readonly [Descriptor, Descriptor, Descriptor],
      geometry: Geometry,
    ): Plan | undefined {
      const hint = convolution(keep, [dx, w, undefined, dy], geometry);
      if (!hint) return undefined;
      const init = (bytes: Uint8Array): unknown =>
        functions.dilated_convolution_backward_data_desc_init(
          ...[bytes, ALGORITHM.directConvolution, dx, w, dy],
          ...geometryOf(geometry),
        );
      return operation(keep, init, [], hint.handle);
    },

    convolutionWeights(
      keep: Keep,
      [x, dw, db, dy]: readonly [Descriptor, Descriptor, Descriptor | undefined, Descriptor],
      forward: Descriptor,
      geometry: Geometry,
    ): Plan | undefined {
      const hint = convolution(keep, [x, forward, db, dy], geometry);
      if (!hint) return undefined;
      const init = (bytes: Uint8Array): unknown =>
        functions.dilated_convolution_backward_weights_desc_init(
          ...[bytes, ALGORITHM.directConvolution, x, dw, db ?? null, dy],
          ...geometryOf(geometry),
        );
      return operation(keep, init, [], hint.handle);
    },

    batchNorm(keep: Keep, x: Descriptor, epsilon: number, relu: boolean): Plan | undefined {
      const flags = NORM_SCALE_SHIFT | (relu ? NORM_RELU : 0);
      return operation(keep, (bytes) =>
        functions.batch_normalization_forward_desc_init(bytes, PROPAGATION.training, x, epsilon, flags),
      );
    },
    batchNormGradient(
      keep: Keep,
      x: Descriptor,
      epsilon: number,
      relu: boolean,
      forward: Plan,
    ): Plan | undefined {
      const flags = NORM_SCALE_SHIFT | (relu ? NORM_RELU : 0);
      const init = (bytes: Uint8Array): unknown =>
        functions.batch_normalization_backward_desc_init(bytes, PROPAGATION.backward, x, x, epsilon, flags);
      return operation(keep, init, [], forward.handle);
    },

    unary(
      keep: Keep,
      x: Descriptor,
      algorithm: number,
      [alpha, beta]: readonly [number, number],
      after: readonly After[] = [],
    ): Plan | undefined {
      return passingOver(x, () =>
        operation(
          keep,
          (bytes) =>
            functions.eltwise_forward_desc_init(bytes, PROPAGATION.training, algorithm, x, alpha, beta),
          after,
        ),
      );
    },
    /** dx = dy where the result was positive, slope · dy elsewhere. */
    reluGradient(keep: Keep, y: Descriptor, dy: Descriptor, slope: number): Plan | undefined {
      const algorithm = ALGORITHM.reluFromResult;
      const forward = operation(keep, (bytes) =>
        functions.eltwise_forward_desc_init(bytes, PROPAGATION.training, algorithm, y, slope, 0),
      );
      if (!forward) return undefined;
      const init = (bytes: Uint8Array): unknown =>
        functions.eltwise_backward_desc_init(bytes, algorithm, dy, y, slope, 0);
      return operation(keep, init, [], forward.handle);
    },
    binary(
      keep: Keep,
      [a, b, y]: readonly [Descriptor, Descriptor, Descriptor],
      algorithm: number,
      after: readonly After[] = [],
    ): Plan | undefined {
      return passingOver(a, () =>
        operation(keep, (bytes) => functions.binary_desc_init(bytes, algorithm, a, b, y), after),
      );
    },

    /** Means of patches that do not overlap. */
    pool(
      keep: Keep,
      [x, y]: readonly [Descriptor, Descriptor],
      size: readonly [number, number],
      after: readonly After[] = [],
    ): Plan | undefined {
      return operation(
        keep,
        (bytes) =>
          functions.pooling_v2_forward_desc_init(
            ...[bytes, PROPAGATION.training, ALGORITHM.averagePool, x, y],
            ...window(size),
          ),
        after,
      );
    },
    /** Its adjoint: every value spread evenly over its patch. */
    poolGradient(
      keep: Keep,
      [dx, dy]: readonly [Descriptor, Descriptor],
      size: readonly [number, number],
    ): Plan | undefined {
      const forward = this.pool(keep, [dx, dy], size);
      if (!forward) return undefined;
      const init = (bytes: Uint8Array): unknown =>
        functions.pooling_v2_backward_desc_init(bytes, ALGORITHM.averagePool, dx, dy, ...window(size));
      return operation(keep, init, [], forward.handle);
    },
    /** Bilinear doubling with half-pixel centers. */
    doubling(keep: Keep, [x, y]: readonly [Descriptor, Descriptor]): Plan | undefined {
      const factors = Float32Array.of(2, 2);
      return operation(keep, (bytes) =>
        functions.resampling_forward_desc_init(
          ...[bytes, PROPAGATION.training, ALGORITHM.bilinear, factors, x, y],
        ),
      );
    },
    doublingGradient(keep: Keep, [dx, dy]: readonly [Descriptor, Descriptor]): Plan | undefined {
      const forward = this.doubling(keep, [dx, dy]);
      if (!forward) return undefined;
      const init = (bytes: Uint8Array): unknown =>
        functions.resampling_backward_desc_init(bytes, ALGORITHM.bilinear, Float32Array.of(2, 2), dx, dy);
      return operation(keep, init, [], forward.handle);
    },
    product(keep: Keep, [a, b, c]: readonly [Descriptor, Descriptor, Descriptor]): Plan | undefined {
      return operation(keep, (bytes) => functions.matmul_desc_init(bytes, a, b, null, c));
    },
  };
}

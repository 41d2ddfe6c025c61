/** Plans of all primitives that are used. Each is undefined where oneDNN has nothing fast. */
import type { ConvolutionMaps } from "./calls.ts";
import { createCore, type Disposables, type DnnlCore, type Plan } from "./dnnl.node.ts";
import type { Library } from "./library.node.ts";
import type { Algorithm, Geometry, MemoryDescriptor, PostOp } from "./vocabulary.ts";

/** An engine with all its primitives. */
export type Dnnl = DnnlCore & ReturnType<typeof plansOf>;

/** Open the engine of the CPU. @param threads that large operations use */
export function createDnnl(library: Library, threads = 1): Dnnl {
  const core = createCore(library, threads);
  return { ...core, ...plansOf(core) };
}

function plansOf({ calls, createPlan, withThreadsFor }: DnnlCore) {
  const convolution = (
    disposables: Disposables,
    maps: ConvolutionMaps,
    geometry: Geometry,
    postOps: readonly PostOp[] = [],
  ): Plan | undefined => createPlan(disposables, (to) => calls.convolution(to, maps, geometry), postOps);

  return {
    convolution,

    /** @param maps dx, w, dy */
    convolutionInput(
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor, MemoryDescriptor],
      geometry: Geometry,
    ): Plan | undefined {
      const [dx, w, dy] = maps;
      const hint = convolution(disposables, [dx, w, undefined, dy], geometry);
      return (
        hint && createPlan(disposables, (to) => calls.convolutionInput(to, maps, geometry), [], hint.handle)
      );
    },

    /** @param maps x, dw, db, dy @param forward the kernel */
    convolutionWeights(
      disposables: Disposables,
      maps: ConvolutionMaps,
      forward: MemoryDescriptor,
      geometry: Geometry,
    ): Plan | undefined {
      const [x, , db, dy] = maps;
      const hint = convolution(disposables, [x, forward, db, dy], geometry);
      return (
        hint && createPlan(disposables, (to) => calls.convolutionWeights(to, maps, geometry), [], hint.handle)
      );
    },

    batchNorm: (
      disposables: Disposables,
      x: MemoryDescriptor,
      epsilon: number,
      relu: boolean,
    ): Plan | undefined => createPlan(disposables, (to) => calls.batchNorm(to, x, epsilon, relu)),
    batchNormGradient: (
      disposables: Disposables,
      x: MemoryDescriptor,
      epsilon: number,
      relu: boolean,
      forward: Plan,
    ): Plan | undefined =>
      createPlan(disposables, (to) => calls.batchNormGradient(to, x, epsilon, relu), [], forward.handle),

    unary: (
      disposables: Disposables,
      x: MemoryDescriptor,
      algorithm: Algorithm,
      [alpha, beta]: readonly [number, number],
      postOps: readonly PostOp[] = [],
    ): Plan | undefined =>
      withThreadsFor(x, () =>
        createPlan(disposables, (to) => calls.unary(to, algorithm, x, alpha, beta), postOps),
      ),
    /** dx = dy where the result was positive, slope · dy elsewhere. */
    reluGradient(
      disposables: Disposables,
      y: MemoryDescriptor,
      dy: MemoryDescriptor,
      slope: number,
    ): Plan | undefined {
      const forward = createPlan(disposables, (to) => calls.unary(to, "reluFromResult", y, slope, 0));
      return (
        forward && createPlan(disposables, (to) => calls.reluGradient(to, y, dy, slope), [], forward.handle)
      );
    },
    /** @param maps a, b, y */
    binary: (
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor, MemoryDescriptor],
      algorithm: Algorithm,
      postOps: readonly PostOp[] = [],
    ): Plan | undefined =>
      withThreadsFor(maps[0], () =>
        createPlan(disposables, (to) => calls.binary(to, algorithm, maps), postOps),
      ),

    /** Means of patches that do not overlap. @param maps x, y */
    pool: (
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor],
      size: readonly [number, number],
      postOps: readonly PostOp[] = [],
    ): Plan | undefined => createPlan(disposables, (to) => calls.pool(to, maps, size), postOps),
    /** Its adjoint: every value spread evenly over its patch. @param maps dx, dy */
    poolGradient(
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor],
      size: readonly [number, number],
    ): Plan | undefined {
      const forward = this.pool(disposables, maps, size);
      return (
        forward && createPlan(disposables, (to) => calls.poolGradient(to, maps, size), [], forward.handle)
      );
    },
    /** Bilinear doubling with half-pixel centers. @param maps x, y */
    bilinearUpsample: (
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor],
    ): Plan | undefined => createPlan(disposables, (to) => calls.bilinearUpsample(to, maps)),
    /** @param maps dx, dy */
    bilinearUpsampleGradient(
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor],
    ): Plan | undefined {
      const forward = this.bilinearUpsample(disposables, maps);
      return (
        forward &&
        createPlan(disposables, (to) => calls.bilinearUpsampleGradient(to, maps), [], forward.handle)
      );
    },
    /** @param maps a, b, c */
    product: (
      disposables: Disposables,
      maps: readonly [MemoryDescriptor, MemoryDescriptor, MemoryDescriptor],
    ): Plan | undefined => createPlan(disposables, (to) => calls.product(to, maps)),
  };
}

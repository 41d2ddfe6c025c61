/** Plans of all primitives that are used. Each is undefined where oneDNN has nothing fast. */
import type { ConvolutionMaps } from "./calls.ts";
import { createCore, type DnnlCore, type Keep, type Plan } from "./dnnl.node.ts";
import type { Library } from "./library.node.ts";
import type { After, Algorithm, Descriptor, Geometry } from "./vocabulary.ts";

/** An engine with all its primitives. */
export type Dnnl = DnnlCore & ReturnType<typeof plansOf>;

/** Open the engine of the CPU. @param threads that large operations use */
export function createDnnl(library: Library, threads = 1): Dnnl {
  const core = createCore(library, threads);
  return { ...core, ...plansOf(core) };
}

function plansOf({ calls, planned, passingOver }: DnnlCore) {
  const convolution = (
    keep: Keep,
    maps: ConvolutionMaps,
    geometry: Geometry,
    after: readonly After[] = [],
  ): Plan | undefined => planned(keep, (to) => calls.convolution(to, maps, geometry), after);

  return {
    convolution,

    /** @param maps dx, w, dy */
    convolutionInput(
      keep: Keep,
      maps: readonly [Descriptor, Descriptor, Descriptor],
      geometry: Geometry,
    ): Plan | undefined {
      const [dx, w, dy] = maps;
      const hint = convolution(keep, [dx, w, undefined, dy], geometry);
      return hint && planned(keep, (to) => calls.convolutionInput(to, maps, geometry), [], hint.handle);
    },

    /** @param maps x, dw, db, dy @param forward the kernel */
    convolutionWeights(
      keep: Keep,
      maps: ConvolutionMaps,
      forward: Descriptor,
      geometry: Geometry,
    ): Plan | undefined {
      const [x, , db, dy] = maps;
      const hint = convolution(keep, [x, forward, db, dy], geometry);
      return hint && planned(keep, (to) => calls.convolutionWeights(to, maps, geometry), [], hint.handle);
    },

    batchNorm: (keep: Keep, x: Descriptor, epsilon: number, relu: boolean): Plan | undefined =>
      planned(keep, (to) => calls.batchNorm(to, x, epsilon, relu)),
    batchNormGradient: (
      keep: Keep,
      x: Descriptor,
      epsilon: number,
      relu: boolean,
      forward: Plan,
    ): Plan | undefined =>
      planned(keep, (to) => calls.batchNormGradient(to, x, epsilon, relu), [], forward.handle),

    unary: (
      keep: Keep,
      x: Descriptor,
      algorithm: Algorithm,
      [alpha, beta]: readonly [number, number],
      after: readonly After[] = [],
    ): Plan | undefined =>
      passingOver(x, () => planned(keep, (to) => calls.unary(to, algorithm, x, alpha, beta), after)),
    /** dx = dy where the result was positive, slope · dy elsewhere. */
    reluGradient(keep: Keep, y: Descriptor, dy: Descriptor, slope: number): Plan | undefined {
      const forward = planned(keep, (to) => calls.unary(to, "reluFromResult", y, slope, 0));
      return forward && planned(keep, (to) => calls.reluGradient(to, y, dy, slope), [], forward.handle);
    },
    /** @param maps a, b, y */
    binary: (
      keep: Keep,
      maps: readonly [Descriptor, Descriptor, Descriptor],
      algorithm: Algorithm,
      after: readonly After[] = [],
    ): Plan | undefined =>
      passingOver(maps[0], () => planned(keep, (to) => calls.binary(to, algorithm, maps), after)),

    /** Means of patches that do not overlap. @param maps x, y */
    pool: (
      keep: Keep,
      maps: readonly [Descriptor, Descriptor],
      size: readonly [number, number],
      after: readonly After[] = [],
    ): Plan | undefined => planned(keep, (to) => calls.pool(to, maps, size), after),
    /** Its adjoint: every value spread evenly over its patch. @param maps dx, dy */
    poolGradient(
      keep: Keep,
      maps: readonly [Descriptor, Descriptor],
      size: readonly [number, number],
    ): Plan | undefined {
      const forward = this.pool(keep, maps, size);
      return forward && planned(keep, (to) => calls.poolGradient(to, maps, size), [], forward.handle);
    },
    /** Bilinear doubling with half-pixel centers. @param maps x, y */
    doubling: (keep: Keep, maps: readonly [Descriptor, Descriptor]): Plan | undefined =>
      planned(keep, (to) => calls.doubling(to, maps)),
    /** @param maps dx, dy */
    doublingGradient(keep: Keep, maps: readonly [Descriptor, Descriptor]): Plan | undefined {
      const forward = this.doubling(keep, maps);
      return forward && planned(keep, (to) => calls.doublingGradient(to, maps), [], forward.handle);
    },
    /** @param maps a, b, c */
    product: (keep: Keep, maps: readonly [Descriptor, Descriptor, Descriptor]): Plan | undefined =>
      planned(keep, (to) => calls.product(to, maps)),
  };
}

/**
 * Explicit seeded random streams. Every use of chance (data order, latents, initialization,
 * augmentation) has a stream of its own, named, so that one cannot disturb another, and each can be
 * saved in a checkpoint and put back exactly.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes PractRand and
 * BigCrush, and needs only 32-bit integer arithmetic, which JavaScript does exactly everywhere.
 * Seeds are spread by splitmix32.
 */

/**
 * The saved state of a stream: four 32-bit words, and the second half of a Gaussian pair if one is
 * waiting.
 */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/** A seeded stream of random numbers. */
export interface RandomStream {
  /** The next 32 random bits as an unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Standard normal, N(0, 1), by the polar Box–Muller method (Marsaglia). */
  normal(): number;
  /**
   * Uniform integer in [0, n); unbiased (rejection).
   * @throws RangeError unless `n` is from 1 to 2^32
   */
  integer(n: number): number;
  /** The state to put into a checkpoint. */
  save(): RandomState;
}

/** A stream for `purpose` under a run's `seed`; different purposes give independent streams. */
export function randomStream(seed: number, purpose: string): RandomStream {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < purpose.length; i++) h = Math.imul(h ^ purpose.charCodeAt(i), 0x01000193);
  let mix = (h ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const stream = restoreStream({ words: [splitmix(), splitmix(), splitmix(), 1], spare: null });
  for (let i = 0; i < 12; i++) stream.uint32();
  return stream;
}

/** Continue a stream from a saved state. */
export function restoreStream(state: RandomState): RandomStream {
  let [a, b, c, d] = state.words;
  let spare = state.spare;

  const uint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  const uniform = (): number => uint32() / 4294967296;
  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = y * scale;
        return x * scale;
      }
    }
  };
  const integer = (n: number): number => {
    // A remainder by 0 is NaN, below which no draw ever is.
    if (!(n >= 1 && n <= 4294967296)) throw new RangeError(`random integer below ${n}: from 1 to 2^32 only`);
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const value = uint32();
      if (value < limit) return value % n;
    }
  };
  const save = (): RandomState => ({ words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0], spare });
  return { uint32, uniform, normal, integer, save };
}

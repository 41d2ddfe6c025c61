/**
 * SNDCGAN (Miyato et al. 2018, table 3) as compare_gan builds it (sndcgan.py). Its generator's
 * first norm stands before the seed becomes a map, so that a plain batch norm has gamma and beta
 * for every one of its 512 · (S/8)² numbers; the conditional kinds, which the original cannot apply
 * there, work on the map. The generator is never spectrally normalized.
 */
import { layer, plainDiscriminator, plainGenerator, toSymmetric } from "./plain-networks.ts";

/**
 * The generator. Parameters at 512 with batch norm: 3,828,739 at 32 × 32, 7,048,195 at 64 × 64,
 * 19,926,019 at 128 × 128.
 */
export const sndcganGenerator = plainGenerator({
  seed: { channels: 512, share: 8 },
  seedNormEachUnit: true,
  layers: [layer(4, 2, 256), layer(4, 2, 128), layer(4, 2, 64), layer(3, 1, 3)],
});

/**
 * The discriminator. Parameters at 64 without rotation head: 5,860,865 at 32 × 32, 5,885,441 at 64
 * × 64, 5,983,745 at 128 × 128.
 */
export const sndcganDiscriminator = plainDiscriminator({
  input: toSymmetric,
  slope: 0.1,
  layers: [
    layer(3, 1, 64),
    layer(4, 2, 128),
    layer(3, 1, 128),
    layer(4, 2, 256),
    layer(3, 1, 256),
    layer(4, 2, 512),
    layer(3, 1, 512),
  ],
});

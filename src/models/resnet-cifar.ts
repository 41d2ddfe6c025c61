/**
 * The paper's ResNet for CIFAR-10, as compare_gan builds it (resnet_cifar.py, after table 4 of
 * Miyato et al. 2018). At 32 × 32 it is exactly the reference (G 256: 5,849,603 parameters, D 128
 * with rotation head: 1,483,653); other sizes of image, which compare_gan does not have, add or
 * drop a block that resamples.
 */

import { down, same, times, up } from "./block-rows.ts";
import { COMPARE_GAN } from "./compare-gan.ts";
import { residualDiscriminator, residualGenerator } from "./residual-networks.ts";

const SEED = { channels: 256, side: 4 };

/** The generator of compare_gan's ResNet for CIFAR-10. */
export const resnetCifarGenerator = residualGenerator(COMPARE_GAN, {
  16: { seed: SEED, blocks: times(2, up(256)) },
  32: { seed: SEED, blocks: times(3, up(256)) },
  64: { seed: SEED, blocks: times(4, up(256)) },
  128: { seed: SEED, blocks: times(5, up(256)) },
});

/** The discriminator: down to 8 × 8, then two blocks that keep the size. */
export const resnetCifarDiscriminator = residualDiscriminator(COMPARE_GAN, {
  16: [...times(1, down(128)), same(128), same(128)],
  32: [...times(2, down(128)), same(128), same(128)],
  64: [...times(3, down(128)), same(128), same(128)],
  128: [...times(4, down(128)), same(128), same(128)],
});

/**
 * The ResNet for STL-10 at 48 × 48 as compare_gan builds it (resnet_stl.py, after table 5 of Miyato
 * et al. 2018). G 512: 6,254,339 parameters, D 64 with rotation head: 25,118,917. As in resnet5,
 * spectral normalization leaves the generator's first and last kernel out.
 */

import { down, same, up } from "./block-rows.ts";
import { COMPARE_GAN } from "./compare-gan.ts";
import { residualDiscriminator, residualGenerator } from "./residual-networks.ts";

/** The generator of compare_gan's ResNet for STL-10. */
export const resnetStlGenerator = residualGenerator(
  COMPARE_GAN,
  { 48: { seed: { channels: 512, side: 6 }, blocks: [up(256), up(128), up(64)] } },
  false,
);

/** The discriminator of compare_gan's ResNet for STL-10. */
export const resnetStlDiscriminator = residualDiscriminator(COMPARE_GAN, {
  48: [down(64), down(128), down(256), down(512), same(1024)],
});

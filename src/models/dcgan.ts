/**
 * DCGAN (Radford et al. 2016) as compare_gan builds it (dcgan.py): 5 × 5 kernels of stride 2
 * throughout, the discriminator on images in [0, 1] as they are. Where the original has a batch
 * norm in the discriminator, before every leaky ReLU but the first, here a layer norm may stand:
 * statistics of the batch would mix real, generated and rotated images.
 */
import { layer, plainDiscriminator, plainGenerator } from "./plain-networks.ts";

/** The generator of DCGAN, of transposed convolutions. */
export const dcganGenerator = plainGenerator({
  seed: { channels: 512, share: 16 },
  seedNormEachUnit: false,
  layers: [layer(5, 2, 256), layer(5, 2, 128), layer(5, 2, 64), layer(5, 2, 3)],
});

/** The discriminator of DCGAN, of strided convolutions. */
export const dcganDiscriminator = plainDiscriminator({
  input: (images) => images,
  slope: 0.2,
  layers: [layer(5, 2, 64), layer(5, 2, 128), layer(5, 2, 256), layer(5, 2, 512)],
});

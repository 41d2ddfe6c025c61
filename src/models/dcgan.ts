/**
 * DCGAN (Radford et al. 2016) as compare_gan builds it (dcgan.py): 5 × 5 kernels of stride 2 throughout, the discriminator on images in
 * [0, 1] as they are. Where the original has a batch norm in the discriminator, before every leaky ReLU but the first, here a layer norm
 * may stand: statistics of the batch would mix real, generated and turned images.
 */
import { plainDiscriminator, plainGenerator } from "./plain-networks.ts";

const RESOLUTIONS = [16, 32, 48, 64, 128];

/** The generator. */
export const dcganGenerator = plainGenerator({
  resolutions: RESOLUTIONS,
  seed: { channels: 512, share: 16 },
  seedNormEachUnit: false,
  layers: [
    { size: 5, stride: 2, channels: 256 },
    { size: 5, stride: 2, channels: 128 },
    { size: 5, stride: 2, channels: 64 },
    { size: 5, stride: 2, channels: 3 },
  ],
});

/** The discriminator. */
export const dcganDiscriminator = plainDiscriminator({
  resolutions: RESOLUTIONS,
  input: (images) => images,
  slope: 0.2,
  layers: [
    { size: 5, stride: 2, channels: 64 },
    { size: 5, stride: 2, channels: 128 },
    { size: 5, stride: 2, channels: 256 },
    { size: 5, stride: 2, channels: 512 },
  ],
});

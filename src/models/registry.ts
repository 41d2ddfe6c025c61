/**
 * The architectures by the names users give them. A new one is a file and a line for each network
 * here.
 */
import {
  bigganDiscriminator,
  bigganGenerator,
  resnetBigganDiscriminator,
  resnetBigganGenerator,
} from "./biggan.ts";
import { dcganDiscriminator, dcganGenerator } from "./dcgan.ts";
import { fastganDiscriminator } from "./fastgan/discriminator.ts";
import { fastganGenerator } from "./fastgan/generator.ts";
import type { DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";
import { pyramidDiscriminator, pyramidGenerator } from "./pyramid.ts";
import { r3ganDiscriminator, r3ganGenerator } from "./r3gan.ts";
import { resnetCifarDiscriminator, resnetCifarGenerator } from "./resnet-cifar.ts";
import { resnetStlDiscriminator, resnetStlGenerator } from "./resnet-stl.ts";
import { resnet5Discriminator, resnet5Generator } from "./resnet5.ts";
import { sndcganDiscriminator, sndcganGenerator } from "./sndcgan.ts";
import { snganResnetDiscriminator, snganResnetGenerator } from "./sngan-resnet.ts";
import { zqResnetDiscriminator, zqResnetGenerator } from "./zq-resnet.ts";

/** Generators by name. */
export const GENERATORS = {
  "resnet-cifar": resnetCifarGenerator,
  resnet5: resnet5Generator,
  "resnet-stl": resnetStlGenerator,
  "sngan-resnet": snganResnetGenerator,
  "zq-resnet": zqResnetGenerator,
  sndcgan: sndcganGenerator,
  dcgan: dcganGenerator,
  pyramid: pyramidGenerator,
  biggan: bigganGenerator,
  "resnet-biggan": resnetBigganGenerator,
  r3gan: r3ganGenerator,
  fastgan: fastganGenerator,
} as const satisfies Record<string, GeneratorArchitecture>;

/** Discriminators by name. */
export const DISCRIMINATORS = {
  "resnet-cifar": resnetCifarDiscriminator,
  resnet5: resnet5Discriminator,
  "resnet-stl": resnetStlDiscriminator,
  "sngan-resnet": snganResnetDiscriminator,
  "zq-resnet": zqResnetDiscriminator,
  sndcgan: sndcganDiscriminator,
  dcgan: dcganDiscriminator,
  pyramid: pyramidDiscriminator,
  biggan: bigganDiscriminator,
  "resnet-biggan": resnetBigganDiscriminator,
  r3gan: r3ganDiscriminator,
  fastgan: fastganDiscriminator,
} as const satisfies Record<string, DiscriminatorArchitecture>;

export type GeneratorName = keyof typeof GENERATORS;
export type DiscriminatorName = keyof typeof DISCRIMINATORS;

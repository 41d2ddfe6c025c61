/** The architectures by the names users give them. A new one is a file and a line here. */
import type { DiscriminatorArchitecture, GeneratorArchitecture } from "./model.ts";
import { resnetCifarDiscriminator, resnetCifarGenerator } from "./resnet-cifar.ts";
import { snganResnetDiscriminator, snganResnetGenerator } from "./sngan-resnet.ts";

/** Generators by name. */
export const GENERATORS = {
  "resnet-cifar": resnetCifarGenerator,
  "sngan-resnet": snganResnetGenerator,
} as const satisfies Record<string, GeneratorArchitecture>;

/** Discriminators by name. */
export const DISCRIMINATORS = {
  "resnet-cifar": resnetCifarDiscriminator,
  "sngan-resnet": snganResnetDiscriminator,
} as const satisfies Record<string, DiscriminatorArchitecture>;

export type GeneratorName = keyof typeof GENERATORS;
export type DiscriminatorName = keyof typeof DISCRIMINATORS;

/**
 * zCR (Zhao et al. 2021, arXiv 2002.04724): a small step in the latent space, z' = z + σ ε with ε ~
 * N(0, 1), shall not change the discriminator's mind, and shall change the generator's image.
 *
 *     L_D += λ_D · mean (l(G(z)) − l(G(z')))²        L_G −= λ_G · mean over pixels (G(z) − G(z'))²
 *
 * Both images are augmented with the same random numbers before the discriminator is shown them, so
 * that only z tells them apart.
 */
import { add, mul, neg, type Tensor } from "../../graph/index.ts";
import type { AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";
import { meanSquare } from "./consistency.ts";

/** σ of StudioGAN's configuration (BigGAN-ICR.yaml), where ε is normal as here. */
const SIGMA = 0.05;

/** G(z + σ ε) */
function nearby({ latents, generate, draw }: AuxiliaryInput): Tensor {
  return generate(add(latents, mul(draw("step", latents.shape, "normal"), SIGMA)));
}

/** Consistency under small changes of the latent vector (zCR). */
export const latentConsistency: AuxiliaryLoss = {
  description: {
    title: "Latent consistency (zCR)",
    summary: "consistent logits for neighboring latents, and different images",
    published: "20:0.5",
    arxiv: "2002.04724",
  },
  weights: "each",
  discriminatorLoss: (input) =>
    meanSquare(input.outputFor("fake").logits, input.logitsOf(input.augmentedAlike(nearby(input)), "fake")),
  generatorLoss: (input) => neg(meanSquare(input.generated, nearby(input))),
};

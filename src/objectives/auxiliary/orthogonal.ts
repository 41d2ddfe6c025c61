/**
 * Orthogonal regularization as BigGAN has it (Brock et al. 2019, arXiv 1809.11096): the filters of
 * a layer shall not resemble each other, however long they are. With the rows w_i of a kernel W
 * [out, in · kh · kw], summed over the network's kernels,
 *
 *     L += β · ‖W Wᵀ ⊙ (1 − I)‖²_F = β · Σ_{i ≠ j} ⟨w_i, w_j⟩²  =  β · (‖smaller Gram matrix‖²_F − Σ_i |w_i|⁴)
 *
 * W Wᵀ and Wᵀ W have the same squared norm, and the smaller of them is small: a layer from 20
 * numbers to 24,576 has 400 products instead of 604 million. An embedding of classes is left alone,
 * as in the authors' code: classes may resemble each other.
 */
import { add, constant, matmul, mul, reshape, sub, sum, type Tensor } from "../../graph/index.ts";
import type { AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";

/** Of one kernel [out, …]. */
function resemblance(kernel: Tensor): Tensor {
  const rows = kernel.shape[0]!;
  const matrix = reshape(kernel, [rows, -1]);
  const tall = rows > matrix.shape[1]!;
  const gram = matmul(matrix, matrix, tall, !tall);
  const lengths = sum(mul(matrix, matrix), [1]);
  return sub(sum(mul(gram, gram)), sum(mul(lengths, lengths)));
}

const ofAll = ({ kernels }: AuxiliaryInput): Tensor =>
  kernels.map(resemblance).reduce((a, b) => add(a, b), constant(0));

/** Orthogonal regularization; BigGAN's is of the generator alone. */
export const orthogonalRegularization: AuxiliaryLoss = {
  description: {
    title: "Orthogonal regularization",
    summary: "filters of a layer unlike each other (BigGAN)",
    published: "0:0.0001",
    arxiv: "1809.11096",
  },
  weights: "both",
  discriminatorLoss: ofAll,
  generatorLoss: ofAll,
};

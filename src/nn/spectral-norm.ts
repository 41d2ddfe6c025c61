/**
 * Spectral normalization (Miyato et al. 2018) as compare_gan does it. The kernel, seen as a matrix
 * M [out, in·kh·kw], is divided by an estimate of its largest singular value. One vector u
 * [in·kh·kw] persists; each evaluation makes one power iteration,
 *
 *     v = norm(M u),   u' = norm(Mᵀ v),   σ = ⟨v, M u'⟩ = ⟨u', Mᵀ v⟩,   norm(a) = a / √max(|a|², 1e-12),
 *
 * with u' and v held constant in the gradient, so that dσ/dM = v u'ᵀ. compare_gan stores the
 * transposed matrix and calls this choice "left"; its u has the same entries in the order [kh, kw,
 * in].
 */
import {
  div,
  matmul,
  maximum,
  mul,
  reshape,
  sizeOf,
  sqrt,
  stopGradient,
  sum,
  type Tensor,
} from "../graph/index.ts";
import { normal } from "./initializers.ts";
import type { Scope } from "./scope.ts";

const EPSILON = 1e-12;

const normalize = (a: Tensor): Tensor => div(a, sqrt(maximum(sum(mul(a, a)), EPSILON)));

/**
 * The kernel, [out, in, kh, kw] or [out, in], divided by its spectral norm. The scope's buffer `u`
 * [in·kh·kw] makes one step when training; at inference σ is that of the step that would come next,
 * and `u` stays.
 */
export function spectralNormalize(scope: Scope, kernel: Tensor): Tensor {
  const [out = 1, ...rest] = kernel.shape;
  const columns = sizeOf(rest);
  const matrix = reshape(kernel, [out, columns]);
  const frozen = stopGradient(matrix);
  const u = scope.buffer("u", [columns], normal(1));

  const v = normalize(matmul(frozen, reshape(u, [columns, 1])));
  const next = normalize(matmul(frozen, v, true));
  scope.update("u", reshape(next, [columns]));

  const sigma = sum(mul(stopGradient(next), matmul(matrix, stopGradient(v), true)));
  return div(kernel, sigma);
}

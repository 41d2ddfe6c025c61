/**
 * A traced step as the engine that trains wants it: before it is differentiated, as the gradient
 * depends on the operations.
 */
import { keepNormsWhole, type Target, type Tensor } from "../../graph/index.ts";
import type { Provider } from "../../graph/program.ts";
import type { NetworkTrace, Owned } from "../../nn/scope.ts";

/** What of a traced step depends on its operations. */
interface Traced {
  readonly results: Readonly<Record<string, Tensor>>;
  readonly loss: Tensor;
  readonly trained: NetworkTrace;
  readonly other: NetworkTrace;
}

/** Engines on which a whole normalization takes fewer passes than its elementary operations. */
const KEEPS_WHOLE: ReadonlySet<Provider> = new Set(["native", "webgpu"]);

/**
 * The step for `target`: for some engines normalizations stay whole; for all others it is the step
 * itself.
 */
export function forTarget<T extends Traced>(step: T, target: Target): T {
  if (!KEEPS_WHOLE.has((target.training ?? target).provider)) return step;
  const { trained, other, loss, results } = step;
  const owned = [trained, other].flatMap(({ buffers }) => buffers);
  const named: Record<string, Tensor> = { loss };
  for (const [name, tensor] of Object.entries(results)) named[`result ${name}`] = tensor;
  for (const { name, current } of owned) named[`buffer ${name}`] = current;
  const whole = keepNormsWhole(named);
  const withWhole = (trace: NetworkTrace): NetworkTrace => ({
    scope: trace.scope,
    parameters: trace.parameters,
    buffers: trace.buffers.map((one): Owned => ({ ...one, current: whole[`buffer ${one.name}`]! })),
  });
  return {
    ...step,
    loss: whole.loss!,
    results: Object.fromEntries(Object.keys(results).map((name) => [name, whole[`result ${name}`]!])),
    trained: withWhole(trained),
    other: withWhole(other),
  };
}

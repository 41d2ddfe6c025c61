/**
 * The border between programs and an ONNX Runtime session: which inputs and outputs there should
 * be, and what idle inputs are given.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { zerosOf } from "../../graph/dtype.ts";
import { inputsOf, jointInputsOf, jointName, outputsOf, switchOf } from "../../graph/onnx/join.ts";
import { elementCount } from "./feeds.ts";
import type { ProgramHead, Runtime } from "./runtime.ts";

/**
 * What differs between the declared borders of the programs of a model and the real ones, or
 * undefined.
 */
export function borderDifference(
  programs: readonly ProgramHead[],
  session: Pick<InferenceSession, "inputNames" | "outputNames">,
): string | undefined {
  const joint = programs.length > 1;
  const inputs = new Set(programs.flatMap(joint ? jointInputsOf : inputsOf).map(({ name }) => name));
  if (joint) for (const program of programs) inputs.add(switchOf(program));
  const outputs = programs.flatMap((program) =>
    outputsOf(program).map(({ name }) => (joint ? jointName(program, name) : name)),
  );
  const notFloat = programs
    .flatMap((program) => [...program.reads, ...program.writes])
    .find((binding) => binding.dtype !== "float32");
  if (notFloat) return `state "${notFloat.name}" is ${notFloat.dtype}, but state is float32 only`;
  return (
    nameDifference("input", [...inputs], session.inputNames) ??
    nameDifference("output", outputs, session.outputNames)
  );
}

function nameDifference(
  kind: string,
  declared: readonly string[],
  real: readonly string[],
): string | undefined {
  const missing = declared.filter((name) => !real.includes(name));
  const extra = real.filter((name) => !declared.includes(name));
  if (missing.length > 0) return `${kind} ${missing.join(", ")} declared but not in the model`;
  if (extra.length > 0) return `${kind} ${extra.join(", ")} in the model but not declared`;
  return undefined;
}

/**
 * For a joint model, what a run of one program gives for inputs that only others read (zeros, made
 * once: nothing looks at them) and for the switches.
 */
export function idleInputs(
  runtime: Runtime,
  programs: readonly ProgramHead[],
): (program: ProgramHead) => Record<string, Tensor> {
  const all = programs.flatMap(jointInputsOf);
  const idle = new Map(
    programs.map((program) => {
      const own = new Set(jointInputsOf(program).map(({ name }) => name));
      return [program.name, all.filter(({ name }) => !own.has(name))] as const;
    }),
  );
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape } of [...idle.values()].flat())
    if (!tensors.has(name))
      tensors.set(name, new runtime.Tensor(dtype, zerosOf(dtype, elementCount(shape)) as never, shape));
  return (program) => ({
    ...Object.fromEntries(idle.get(program.name)!.map(({ name }) => [name, tensors.get(name)!])),
    ...Object.fromEntries(
      programs.map((other) => [
        switchOf(other),
        new runtime.Tensor("bool", Uint8Array.of(other.name === program.name ? 1 : 0) as never, []),
      ]),
    ),
  });
}

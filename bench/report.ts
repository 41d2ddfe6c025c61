/** Figures as text. A spread is printed beside every median: a ratio within it means nothing. */

import type { Side, SizeResult, StartResult } from "./measure.ts";
import type { MedianAndRange } from "./median.ts";
import type { TorchSide } from "./processes.ts";
import { BARS, type Form, nativeBars, type Size, sizeName, speedBar } from "./settings.ts";

const seconds = (s: MedianAndRange): string =>
  `${s.median.toFixed(3)} s (${s.min.toFixed(3)}–${s.max.toFixed(3)})`;
const verdict = (good: boolean, bar: string): string => `${good ? "pass" : "BELOW"} (bar ${bar})`;

/** The lines for one form and size. */
export function sizeLines(result: SizeResult): string[] {
  const { ours, native, torch, arithmetic, peak } = result;
  const rate = arithmetic.folded / ours.seconds.median;
  const compile = Object.values(ours.compileSeconds).reduce((sum, s) => sum + s, 0);
  const lines = [
    `${result.form}  G/D ${sizeName(result.size)}`,
    `  ours, float32           ${seconds(ours.seconds)}   ${ours.memoryMB.toFixed(0)} MiB`,
  ];
  if (native)
    lines.push(
      `  ours, bfloat16          ${seconds(native.seconds)}   ${native.memoryMB.toFixed(0)} MiB   ${times(ours, native)} as fast as in float32`,
    );
  for (const [name, theirs] of Object.entries(torch ?? {}))
    lines.push(
      `  PyTorch ${name.padEnd(15)} ${seconds(theirs.seconds)}   ${theirs.memoryMB.toFixed(0)} MiB   ratio ${times(theirs, ours)}${native ? `, to ours in bfloat16 ${times(theirs, native)}` : ""}`,
    );
  if (result.differences) {
    const { torch: plain, torchRounded, ownRounded } = result.differences;
    lines.push(
      `  same step               losses differ by ${plain.toExponential(1)}; in bfloat16 PyTorch's by ${torchRounded.toExponential(1)}${ownRounded === undefined ? "" : `, ours by ${ownRounded.toExponential(1)}`}`,
    );
  }
  if (torch && native) lines.push(...nativeLines(result.form, result.size, native, torch));
  if (torch) {
    const bar = speedBar(result.form, result.size);
    const ratio = torch.contiguous.seconds.median / ours.seconds.median;
    const memory = ours.memoryMB / torch.contiguous.memoryMB;
    lines.push(
      `  speed against PyTorch   ${ratio.toFixed(2)}×  ${verdict(ratio >= bar, `≥ ${bar}×`)}`,
      `  memory against PyTorch  ${memory.toFixed(2)}×  ${verdict(memory <= BARS.memory, `≤ ${BARS.memory}×`)}`,
    );
  }
  lines.push(
    `  arithmetic              ${arithmetic.folded.toFixed(1)} GFLOP folded (${arithmetic.unfolded.toFixed(1)} as written): ${rate.toFixed(0)} GFLOP/s, ${((100 * rate) / peak).toFixed(0)} % of sgemm peak`,
    `  compile                 ${compile.toFixed(2)} s  ${verdict(compile < BARS.compileSeconds, `< ${BARS.compileSeconds} s`)}: ${Object.entries(
      ours.compileSeconds,
    )
      .map(([part, s]) => `${part} ${s.toFixed(2)} s`)
      .join(", ")}`,
  );
  return lines;
}

const times = (slow: Side, fast: Side): string =>
  `${(slow.seconds.median / fast.seconds.median).toFixed(2)}×`;

/**
 * Ours in bfloat16 against the fastest way that PyTorch has, and against the one that it has by
 * itself.
 */
function nativeLines(
  form: Form,
  size: Size,
  native: Side,
  torch: Readonly<Record<TorchSide, Side>>,
): string[] {
  const { best, plain } = nativeBars(form, size);
  const fastest = Math.min(...Object.values(torch).map(({ seconds }) => seconds.median));
  const ratio = fastest / native.seconds.median;
  const overPlain = torch.contiguous.seconds.median / native.seconds.median;
  const memory = native.memoryMB / torch.bfloat16.memoryMB;
  return [
    `  bfloat16 against best   ${ratio.toFixed(2)}×  ${verdict(ratio >= best, `≥ ${best}×`)}`,
    ...(plain === undefined
      ? []
      : [
          `  bfloat16 against plain  ${overPlain.toFixed(2)}×  ${verdict(overPlain >= plain, `≥ ${plain}×`)}`,
        ]),
    `  memory in bfloat16      ${memory.toFixed(2)}×  ${verdict(memory <= BARS.nativeMemory, `≤ ${BARS.nativeMemory}×`)}`,
  ];
}

/** The lines for what a user waits for. */
export function startLines(start: StartResult): string[] {
  const { firstStep, help } = start;
  return [
    "start",
    `  to the first step       ${seconds(firstStep)}  ${verdict(firstStep.median < BARS.firstStepSeconds, `< ${BARS.firstStepSeconds} s`)}`,
    `  quarterturn --help      ${seconds(help)}  ${verdict(help.median < BARS.helpSeconds, `< ${BARS.helpSeconds} s`)}`,
  ];
}

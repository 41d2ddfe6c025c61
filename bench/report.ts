/** Figures as text. A spread is printed beside every median: a ratio within it means nothing. */

import type { SizeResult, StartResult } from "./measure.ts";
import { BARS, sizeName, speedBar } from "./settings.ts";
import type { Spread } from "./spread.ts";

const seconds = (s: Spread): string => `${s.median.toFixed(3)} s (${s.min.toFixed(3)}–${s.max.toFixed(3)})`;
const verdict = (good: boolean, bar: string): string => `${good ? "pass" : "BELOW"} (bar ${bar})`;

/** The lines for one form and size. */
export function sizeLines(result: SizeResult): string[] {
  const { ours, torch, arithmetic, peak } = result;
  const rate = arithmetic.folded / ours.seconds.median;
  const compile = Object.values(ours.compileSeconds).reduce((sum, s) => sum + s, 0);
  const lines = [
    `${result.form}  G/D ${sizeName(result.size)}`,
    `  ours                    ${seconds(ours.seconds)}   ${ours.memoryMB.toFixed(0)} MiB`,
  ];
  for (const [layout, theirs] of Object.entries(torch ?? {}))
    lines.push(
      `  PyTorch ${layout.padEnd(15)} ${seconds(theirs.seconds)}   ${theirs.memoryMB.toFixed(0)} MiB   ratio ${(theirs.seconds.median / ours.seconds.median).toFixed(2)}×`,
    );
  if (result.difference !== undefined)
    lines.push(`  same step               losses differ by ${result.difference.toExponential(1)}`);
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

/** The lines for what a user waits for. */
export function startLines(start: StartResult): string[] {
  const { firstStep, help } = start;
  return [
    "start",
    `  to the first step       ${seconds(firstStep)}  ${verdict(firstStep.median < BARS.firstStepSeconds, `< ${BARS.firstStepSeconds} s`)}`,
    `  quarterturn --help      ${seconds(help)}  ${verdict(help.median < BARS.helpSeconds, `< ${BARS.helpSeconds} s`)}`,
  ];
}

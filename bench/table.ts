/**
 * Turns the figures of `npm run bench -- --json FILE` into the table of README and
 * docs/performance.md: `npx tsx bench/table.ts FILE`.
 */
import { readFileSync } from "node:fs";

interface Side {
  readonly seconds: { readonly median: number; readonly min: number; readonly max: number };
  readonly memoryMB: number;
}
type TorchSide = "contiguous" | "channels_last" | "bfloat16";
interface Figures {
  readonly sizes: readonly {
    readonly form: string;
    readonly size: { readonly generator: number; readonly discriminator: number };
    readonly ours: Side;
    readonly native?: Side;
    readonly torch?: Readonly<Record<TorchSide, Side>>;
  }[];
}

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("usage: tsx bench/table.ts FILE.json …");
const sizes = files.flatMap((file) => (JSON.parse(readFileSync(file, "utf8")) as Figures).sizes);

const digits = (value: number): string => value.toFixed(value < 1 ? 3 : 2);
const time = (side: Side | undefined): string =>
  side ? `${digits(side.seconds.median)} (${digits(side.seconds.min)}–${digits(side.seconds.max)})` : "–";
const ratio = (slow: number | undefined, fast: number | undefined): string =>
  slow && fast ? `${(slow / fast).toFixed(2)}×` : "–";

const rows = sizes.map(({ form, size, ours, native, torch }) => {
  const medians = torch && Object.values(torch).map(({ seconds }) => seconds.median);
  return [
    form,
    `${size.generator}/${size.discriminator}`,
    ...[time(ours), time(native), time(torch?.contiguous), time(torch?.channels_last), time(torch?.bfloat16)],
    ratio(torch?.contiguous.seconds.median, ours.seconds.median),
    ratio(torch?.channels_last.seconds.median, ours.seconds.median),
    ratio(torch?.contiguous.seconds.median, native?.seconds.median),
    ratio(medians && Math.min(...medians), native?.seconds.median),
    ratio(native?.memoryMB, torch?.bfloat16.memoryMB),
  ];
});
const head = [
  "form",
  "G/D width",
  "ours float32, s",
  "ours bfloat16, s",
  "PyTorch, s",
  "PyTorch channels_last, s",
  "PyTorch bfloat16, channels_last, s",
  "float32 over PyTorch",
  "float32 over channels_last",
  "bfloat16 over PyTorch",
  "bfloat16 over PyTorch's best",
  "memory, both in bfloat16",
];
for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);

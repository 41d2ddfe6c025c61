/** Turns the figures of `npm run bench -- --json FILE` into the table of README and docs/performance.md: `npx tsx bench/table.ts FILE`. */
import { readFileSync } from "node:fs";

interface Side {
  readonly seconds: { readonly median: number; readonly min: number; readonly max: number };
  readonly memoryMB: number;
}
interface Figures {
  readonly sizes: readonly {
    readonly form: string;
    readonly size: { readonly generator: number; readonly discriminator: number };
    readonly ours: Side;
    readonly torch?: Readonly<Record<"contiguous" | "channels_last", Side>>;
    readonly arithmetic: { readonly folded: number };
    readonly peak: number;
  }[];
}

const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: tsx bench/table.ts FILE.json");
const { sizes } = JSON.parse(readFileSync(file, "utf8")) as Figures;

const time = ({ seconds }: Side): string =>
  `${seconds.median.toFixed(2)} (${seconds.min.toFixed(2)}–${seconds.max.toFixed(2)})`;
const rows = sizes.map(({ form, size, ours, torch, arithmetic, peak }) => {
  const ratio = (layout: "contiguous" | "channels_last"): string =>
    torch ? `${(torch[layout].seconds.median / ours.seconds.median).toFixed(2)}×` : "–";
  const memory = torch ? `${(ours.memoryMB / torch.contiguous.memoryMB).toFixed(2)}×` : "–";
  const share = `${((100 * arithmetic.folded) / ours.seconds.median / peak).toFixed(0)} %`;
  const peers = torch ? [time(torch.contiguous), time(torch.channels_last)] : ["–", "–"];
  return [
    form,
    `${size.generator}/${size.discriminator}`,
    time(ours),
    ...peers,
    ratio("contiguous"),
    ratio("channels_last"),
    memory,
    share,
  ];
});
const head = [
  "form",
  "G/D width",
  "ours, s",
  "PyTorch, s",
  "PyTorch channels_last, s",
  "speed-up",
  "speed-up over channels_last",
  "memory",
  "of sgemm peak",
];
for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);

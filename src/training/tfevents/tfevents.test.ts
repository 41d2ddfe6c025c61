/** Event files: bytes against TensorBoard's own writer, and what sessions leave behind. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFields } from "../../graph/onnx/protobuf.ts";
import type { StepEvent, TrainEvent } from "../events.ts";
import { writePng } from "../sampling/images.node.ts";
import { crc32c, startRecord, summaryRecord, versionRecord } from "./records.ts";
import { MAX_STEPS, openTfevents, tfeventsOf } from "./writer.node.ts";

it("CRC-32C of the examples in RFC 3720, B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

describe("records are those of TensorBoard's own writer, byte for byte", async () => {
  const golden = JSON.parse(
    await readFile(new URL("../../../test/goldens/tfevents.json", import.meta.url), "utf8"),
  ) as { records: { name: string; hex: string }[] };
  const png = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
  const ours: Record<string, Uint8Array> = {
    version: versionRecord(1234567890.125),
    start: startRecord(1234567891.5, 301),
    "start at 0": startRecord(1, 0),
    scalars: summaryRecord(1234567892.75, 70_000, [
      { tag: "discriminator/loss", scalar: -1.5 },
      { tag: "generator/loss", scalar: 0.1 },
      { tag: "schédule/αlpha", scalar: 3.4e38 },
    ]),
    image: summaryRecord(0.5, 3, [{ tag: "samples/latest", png, width: 8, height: 270 }]),
  };
  it.each(golden.records)("$name", ({ name, hex }) => {
    expect(Buffer.from(ours[name]!).toString("hex")).toBe(hex);
  });
});

describe("sessions", () => {
  let run: string;
  beforeAll(async () => {
    run = await mkdtemp(join(tmpdir(), "quarterturn-tfevents-"));
    await mkdir(join(run, "samples"));
    await writePng(join(run, "samples", "0000000.png"), { width: 5, height: 3, pixels: new Uint8Array(45) });
  });
  afterAll(() => rm(run, { recursive: true, force: true }));

  const step = (number: number): StepEvent => ({
    kind: "step",
    step: number,
    discriminator: { loss: number / 2 },
    generator: { loss: 1 },
    learningRate: 0.001,
    time: 1000 * number,
    stepSeconds: 1,
    imagesPerSecond: 64,
  });
  const sample = (number: number): TrainEvent => ({
    kind: "sample",
    step: number,
    file: "samples/0000000.png",
    averagedFile: "samples/0000000-ema.png",
    diversity: 0.5,
  });
  const start = (number: number, steps = 100): TrainEvent => ({
    kind: "start",
    step: number,
    steps,
    engine: "",
  });
  const session = async (...events: TrainEvent[]): Promise<void> => {
    const view = openTfevents(run, noFailure);
    for (const event of events) await view.onEvent(event);
    view.close();
    view.close();
  };

  const forget = async () => {
    for (const name of await tfeventsOf(run)) await rm(join(run, name));
  };
  const noFailure = (reason: Error): void => {
    throw reason;
  };

  /** Of each file in order: `v` version, `s12` a session from step 12, else step and tags. */
  const contents = async (): Promise<string[][]> => {
    const names = await tfeventsOf(run);
    return Promise.all(
      names.map(async (name) => {
        const bytes = await readFile(join(run, name));
        const records: string[] = [];
        for (let at = 0; at < bytes.length; ) {
          const length = Number(bytes.readBigUInt64LE(at));
          const fields = readFields(new Uint8Array(bytes.subarray(at + 12, at + 12 + length)));
          at += length + 16;
          const of = (number: number) => fields.find(({ field }) => field === number);
          const tags = readFields(of(5)?.content ?? new Uint8Array()).map(({ content }) =>
            new TextDecoder().decode(readFields(content).find(({ field }) => field === 1)!.content),
          );
          const number = Number(of(2)?.value ?? 0);
          records.push(of(3) ? "v" : of(7) ? `s${number}` : `${number} ${tags.join(" ")}`);
        }
        return records;
      }),
    );
  };
  const tags = "discriminator/loss generator/loss schedule/learningRate speed/imagesPerSecond";

  it("a first one writes scalars and the pictures that are there; nothing before it starts", async () => {
    openTfevents(run, noFailure).close();
    expect(await readdir(run)).toEqual(["samples"]);
    await session(start(0), sample(0), step(1), step(2));
    expect(await contents()).toEqual([["v", "0 samples/diversity samples/latest", `1 ${tags}`, `2 ${tags}`]]);
  });

  it("a later one begins a file that takes back what is done again", async () => {
    await session(start(1), step(2), step(3));
    const files = await contents();
    expect(files).toHaveLength(2);
    expect(files[1]).toEqual(["v", "s2", `2 ${tags}`, `3 ${tags}`]);
    await session(start(0), step(1));
    expect((await contents())[2]).toEqual(["v", "s0", `1 ${tags}`]);
  });

  it("an older run without such files, or a fork, begins with what its record says", async () => {
    await forget();
    const lines = [
      sample(0),
      step(1),
      step(2),
      { kind: "warning", step: 2, name: "x", message: "", advice: "" },
    ];
    await writeFile(join(run, "metrics.jsonl"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
    await session(start(2), step(3));
    expect(await contents()).toEqual([
      ["v", "0 samples/diversity samples/latest", `1 ${tags}`, `2 ${tags}`, `3 ${tags}`],
    ]);
  });

  it("very long runs are thinned, the last step always there", async () => {
    await forget();
    await rm(join(run, "metrics.jsonl"));
    const steps = 2 * MAX_STEPS + 1;
    await session(start(0, steps), step(1), step(2), step(3), step(4), step(steps));
    expect((await contents())[0]!.map((record) => Number.parseInt(record, 10))).toEqual([
      Number.NaN,
      3,
      steps,
    ]);
  });

  it("what cannot be written is told once, and the run goes on", async () => {
    const reasons: string[] = [];
    const view = openTfevents(join(run, "gone"), (reason) => reasons.push(reason.message));
    for (const event of [start(0), step(1), step(2)]) await view.onEvent(event);
    view.close();
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/gone/);
  });
});

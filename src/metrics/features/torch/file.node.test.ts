import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { readPickle } from "../../../base/pickle/read.ts";
import { PickleError } from "../../../base/pickle/values.ts";
import { readStateDict } from "./file.node.ts";
import { TENSOR_RULES } from "./tensors.ts";

const golden = (name: string): Buffer =>
  readFileSync(new URL(`../../../../test/goldens/torch/${name}`, import.meta.url));
const expected = JSON.parse(golden("tensors.json").toString()) as Record<
  string,
  { type: string; shape: number[]; values: (number | string)[] }
>;
const attacks = JSON.parse(golden("attacks.json").toString()) as Record<
  "pickles" | "files" | "archives" | "harmless",
  Record<string, string>
>;

/** A legacy file whose object is `pickle`. */
function legacyFile(pickle: Uint8Array): Buffer {
  const whole = golden("legacy.pth");
  // Magic number, version and facts about the machine are the same in every file of this format.
  let start = 0;
  for (let i = 0; i < 3; i++) start = readPickle(whole, start, TENSOR_RULES).end;
  return Buffer.concat([whole.subarray(0, start), pickle]);
}

async function refusal(bytes: Buffer): Promise<string> {
  const error = await readStateDict(bytes, "evil.pth").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe.each(["zip.pth", "legacy.pth"])("%s", (name) => {
  it("gives every tensor with type, shape and values", async () => {
    const tensors = await readStateDict(golden(name), name);
    expect([...tensors.keys()]).toEqual(Object.keys(expected));
    for (const [key, { type, shape, values }] of Object.entries(expected)) {
      const tensor = tensors.get(key)!;
      expect({ key, type: tensor.type, shape: tensor.shape }).toEqual({ key, type, shape });
      expect({ key, values: [...tensor.data].map(Number) }).toEqual({
        key,
        values: values.map((v) => (v === "-inf" ? -Infinity : v === "inf" ? Infinity : v)),
      });
    }
  });

  it("is refused when it is cut off anywhere", async () => {
    const whole = golden(name);
    for (let length = 0; length < whole.length; length += 97)
      expect(await refusal(whole.subarray(0, length))).toMatch(/^evil\.pth /);
  });

  it("never does anything but give tensors or refuse, whatever is changed in it", async () => {
    const whole = golden(name);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const damaged = Buffer.from(whole);
          for (const [at, value] of changes) damaged[at] = value;
          await readStateDict(damaged, "damaged.pth").then(
            (tensors) => expect(tensors.size).toBeGreaterThan(0),
            (error: unknown) => expect(error).toBeInstanceOf(UserError),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("hostile files", () => {
  it.each(Object.entries(attacks.pickles))("a pickle is refused: %s", async (_, base64) => {
    const pickle = Buffer.from(base64, "base64");
    expect(() => readPickle(pickle, 0, TENSOR_RULES)).toThrow(PickleError);
    expect(await refusal(legacyFile(pickle))).toMatch(/^evil\.pth /);
  });

  it.each(Object.entries(attacks.files))("a file is refused: %s", async (_, base64) => {
    expect(await refusal(Buffer.from(base64, "base64"))).toMatch(/names "(posix\.system|torch\.nn\..*)"/);
  });

  it.each(Object.entries(attacks.archives))("an archive is refused: %s", async (why, base64) => {
    expect(await refusal(Buffer.from(base64, "base64"))).toContain(why);
  });

  it("names what the file wanted to call", async () => {
    const pickle = Buffer.from(attacks.pickles["os.system, protocol 2"]!, "base64");
    expect(await refusal(legacyFile(pickle))).toBe(
      'evil.pth names "posix.system", which is no part of a file of tensors; loading such a file in Python may run code.',
    );
  });

  it("does not print control characters of a name", async () => {
    const pickle = Buffer.from("\x80\x02c\x1b[2Jos\nsystem\n.", "latin1");
    expect(await refusal(legacyFile(pickle))).not.toContain("\x1b");
  });

  it("refuses a tensor that is larger than its storage", async () => {
    // torch._utils._rebuild_tensor_v2(storage of one number, 0, (1e9,), (0,), False, {})
    const text = (word: string): string => `X${String.fromCharCode(word.length)}\0\0\0${word}`;
    const pickle =
      `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((${text("storage")}ctorch\nFloatStorage\n${text("0")}${text("cpu")}K\x01NtQ` +
      `K\0J\0\xca\x9a\x3b\x85K\0\x85\x89}tR.`;
    expect(await refusal(legacyFile(Buffer.from(pickle, "latin1")))).toContain(
      "[1000000000] that reaches beyond its 1 numbers",
    );
  });

  it("refuses text, pictures and nothing at all", async () => {
    for (const bytes of ["", "hello", "\x89PNG\r\n\x1a\n", "PK\x03\x04", "\x80\x02}."])
      expect(await refusal(Buffer.from(bytes, "latin1"))).toMatch(/^evil\.pth /);
  });
});

it("finds the state dict in a checkpoint", async () => {
  const tensors = await readStateDict(Buffer.from(attacks.harmless.checkpoint!, "base64"), "checkpoint.pth");
  expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
    "0.weight": [3, 2, 3, 3],
    "0.bias": [3],
    "1.weight": [3],
    "1.bias": [3],
    "1.running_mean": [3],
    "1.running_var": [3],
    "1.num_batches_tracked": [],
  });
});

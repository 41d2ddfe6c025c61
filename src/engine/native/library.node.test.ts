/** What is missing is said in words, never by a crash. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { describeWith } from "../../../test/support/needs.ts";
import { createInThreadEngine } from "../node.node.ts";
import { hasBfloat16, libraryCandidates, loadLibrary } from "./library.node.ts";
import { openForTests } from "./testing/run.ts";

afterEach(() => vi.unstubAllEnvs());
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing",
    ({ name, message, hint }: Error & { hint?: string }) => `${name}: ${message} ${hint}`,
  );

describe("a library that is not there", () => {
  it.each(["/nowhere/libdnnl.so.2", "libc.so.6"])("%s is named, with what to install", async (file) => {
    vi.stubEnv("QUARTERTURN_ONEDNN", file);
    const said = await refusal(loadLibrary());
    expect(said).toMatch(/^UserError: oneDNN cannot be loaded here: /);
    expect(said).toContain("apt install libdnnl2");
  });

  it("ends the start of an engine that was asked for bfloat16, and of no other", async () => {
    vi.stubEnv("QUARTERTURN_ONEDNN", "/nowhere/libdnnl.so.2");
    const options = { device: "cpu", threads: 1 } as const;
    expect(await refusal(createInThreadEngine({ ...options, precision: "bfloat16" }))).toContain("/nowhere");
    for (const precision of ["auto", "float32"] as const)
      await (await createInThreadEngine({ ...options, precision })).close();
  });
});

it("is looked for under its name and its files' names, newest version first", () => {
  const names = [
    "libdnnl.so",
    "libdnnl.so.2.6",
    "libdnnl.so.3.7",
    "libdnnl.so.3.12",
    "libdnnl.a",
    "libdnnl.so.3.6",
  ];
  const found = libraryCandidates(names.map((name) => ({ name, file: `/lib/${name}` })));
  const versions = found.filter((file) => file.startsWith("/lib/"));
  expect(versions).toEqual([3.12, 3.7, 3.6, 2.6].map((version) => `/lib/libdnnl.so.${version}`));
  expect(found.indexOf("libdnnl.so.3")).toBe(0);
  expect(found.indexOf("libdnnl.so.2")).toBeGreaterThan(found.indexOf("/lib/libdnnl.so.2.6"));
});

it("bfloat16 needs instructions of its own", () => {
  // AVX2, AVX-512 with VNNI, AVX-512 with BF16, AMX.
  expect([0x7, 0x67, 0xe7, 0x3e7].map((isa) => hasBfloat16({ isa }))).toEqual([false, false, true, true]);
});

const { dnnl, missing } = await openForTests();
describeWith(missing, "a wrong call", () => {
  it("is an error with the function's name", () => {
    expect(() => dnnl!.descriptor([-1, 3], "f32")).toThrow(/^oneDNN's memory_desc_\w+: invalid arguments$/);
    const place = new BigUint64Array(1);
    expect(() => dnnl!.library.call("primitive_create", place, 0)).toThrow("primitive_create");
  });
});

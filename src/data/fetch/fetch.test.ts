import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, type statfs } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../../base/errors.ts";
import { openData } from "../open.node.ts";
import { temporaryFolders } from "../testing/images.node.ts";
import { published, refuse, serve, servers, tarGz, toyPublication } from "../testing/server.node.ts";
import { PUBLICATIONS, type Publication, publicationOf } from "./catalog.ts";
import { type FetchOptions, type FetchProgress, fetchData } from "./fetch.node.ts";

/** Free bytes that the disk reports, if not the truth. */
const disk = vi.hoisted(() => ({ free: undefined as number | undefined }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const reported: typeof statfs = Object.assign(async (path: string) => {
    const info = await real.statfs(path);
    return disk.free === undefined ? info : { ...info, bavail: disk.free, bsize: 1 };
  });
  return { ...real, statfs: reported };
});
afterEach(() => {
  disk.free = undefined;
});

const newFolder = temporaryFolders();
const startServer = servers();

/** An archive whose tar file was changed, gzipped again. */
const retar = async (change: (tar: Buffer) => Buffer): Promise<Buffer> =>
  gzipSync(change(gunzipSync(await toyArchive())));
const JUNK = Buffer.alloc(512, 7);

/** A small CIFAR-10: one file of the training images, one of the test images. */
async function toyArchive(more: Record<string, string> = {}): Promise<Buffer> {
  const records = (count: number): Buffer => {
    const bytes = Buffer.alloc(count * 3073, 1);
    for (let i = 0; i < count; i++) bytes.fill(i, i * 3073 + 1, (i + 1) * 3073);
    return bytes;
  };
  const names = [1, 2, 3, 4, 5].map((i) => `toy-bin/data_batch_${i}.bin`).concat("toy-bin/test_batch.bin");
  return tarGz({ ...Object.fromEntries(names.map((name) => [name, records(20)])), ...more });
}

async function failure(options: FetchOptions): Promise<UserError> {
  const error: unknown = await fetchData(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

const quick = { stallMs: 300_000, pauseMs: () => 0 };

describe("fetching a data set", () => {
  it("downloads, checks and unpacks it, ready to be trained on, and leaves nothing else", async () => {
    const bytes = await toyArchive();
    const { url, asked } = await startServer(serve(bytes));
    const publication = toyPublication("tar.gz", [published("toy.tar.gz", bytes, url)]);
    const out = join(newFolder(), "new", "place");
    const seen: FetchProgress[] = [];
    const fetched = await fetchData({ publication, out, ...quick, onProgress: (p) => seen.push(p) });
    expect(fetched).toMatchObject({ folder: join(out, "toy-bin"), wasThere: false });
    expect(fetched.files).toHaveLength(6);
    expect(readdirSync(out)).toEqual(["toy-bin"]);
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(["downloading", "checking", "unpacking"]);
    expect(seen.filter(({ phase }) => phase === "checking").at(-1)).toMatchObject({
      done: bytes.length,
      total: bytes.length,
    });

    const data = {
      resolution: 32,
      split: "train",
      preprocessing: "centre-crop",
      cacheDir: newFolder(),
    } as const;
    const store = await openData({ ...data, source: `cifar10:${fetched.folder}` });
    expect(store.count).toBe(100);
    store.close();

    expect(await fetchData({ publication, out, ...quick })).toEqual({ ...fetched, wasThere: true });
    expect(asked).toHaveLength(1);
  });

  it("goes on with a download that was ended", async () => {
    const bytes = Buffer.concat([await toyArchive(), Buffer.alloc(400_000)]);
    const { url, asked } = await startServer(
      serve(bytes, { etag: '"v"', stallAfter: 100_000 }),
      serve(bytes, { etag: '"v"' }),
    );
    const publication = toyPublication("tar.gz", [published("toy.tar.gz", bytes, url)]);
    const out = newFolder();
    const abort = new AbortController();
    const onProgress = ({ done }: FetchProgress): void => {
      if (done >= 50_000) abort.abort(new Error("enough"));
    };
    await expect(fetchData({ publication, out, ...quick, onProgress, signal: abort.signal })).rejects.toThrow(
      "enough",
    );
    expect(readdirSync(out).sort()).toEqual(["toy.tar.gz.part", "toy.tar.gz.part.json"]);
    await fetchData({ publication, out, ...quick });
    expect(asked[1]!.range).toMatch(/^bytes=\d+-$/);
    expect(readdirSync(out)).toEqual(["toy-bin"]);
  });

  it("takes a file of wrong contents for nothing, deletes it and says which sum is wrong", async () => {
    const bytes = await toyArchive();
    const wrong = Buffer.from(bytes).fill(9, 100, 200);
    const { url } = await startServer(serve(wrong));
    const out = newFolder();
    const right = published("toy.tar.gz", bytes, url);
    const error = await failure({ publication: toyPublication("tar.gz", [right]), out, ...quick });
    expect(error.message).toMatch(/toy.tar.gz is not the published file: its MD5 is [0-9a-f]{32}, not /);
    expect(error.hint).toMatch(/another mirror/);
    expect(readdirSync(out)).toEqual([]);
    // Each of the two sums counts.
    const other = { ...published("toy.tar.gz", wrong, url), sha256: right.sha256 };
    expect(
      (await failure({ publication: toyPublication("tar.gz", [other]), out, ...quick })).message,
    ).toMatch(/SHA-256/);
  });

  it("downloads once more, in one piece, when the pieces together are wrong", async () => {
    const bytes = Buffer.concat([await toyArchive(), Buffer.alloc(400_000)]);
    const stale = Buffer.from(bytes).fill(9, 0, 200);
    const { url, asked } = await startServer(serve(stale, { breakAfter: 100_000 }), serve(bytes));
    const publication = toyPublication("tar.gz", [published("toy.tar.gz", bytes, url)]);
    const reasons: string[] = [];
    await fetchData({ publication, out: newFolder(), ...quick, onRetry: (reason) => reasons.push(reason) });
    expect(asked.map(({ range }) => range !== undefined)).toEqual([false, true, false]);
    expect(reasons.at(-1)).toMatch(/downloaded anew/);
  });

  it("unpacks single .gz files, and downloads only those that are missing", async () => {
    const contents = ["images", "labels"].map((text) => Buffer.from(text.repeat(100)));
    const archives = contents.map((each) => gzipSync(each));
    const { url, asked } = await startServer((request, response) => {
      serve(archives[request.url === "/images.gz" ? 0 : 1]!)(request, response);
    });
    const files = ["images.gz", "labels.gz"].map((name, i) => published(name, archives[i]!, url));
    const publication = toyPublication("gz", files);
    const out = newFolder();
    writeFileSync(join(out, "images.gz"), archives[0]!);
    const fetched = await fetchData({ publication, out, ...quick, keepArchives: true });
    expect(asked.map(({ path }) => path)).toEqual(["/labels.gz"]);
    expect(fetched.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["images", 600],
      ["labels", 600],
    ]);
    expect(readFileSync(join(fetched.folder, "labels"))).toEqual(contents[1]);
    expect(readdirSync(out).sort()).toEqual(["images.gz", "labels.gz", "toy-bin"]);
  });

  it("takes the files from a mirror: a folder of them, or the address of the only one", async () => {
    const bytes = await toyArchive();
    const { url, asked } = await startServer(serve(bytes));
    const publication = toyPublication("tar.gz", [published("toy.tar.gz", bytes, "http://127.0.0.1:9")]);
    for (const mirror of [`${url}/data/`, `${url}/data`, `${url}/data/toy.tar.gz`])
      await fetchData({ publication, out: newFolder(), ...quick, mirror });
    expect(asked.map(({ path }) => path)).toEqual(Array(3).fill("/data/toy.tar.gz"));
    const error = await failure({ publication, out: newFolder(), ...quick, mirror: "example" });
    expect(error.message).toMatch(/"example" is not a web address/);
  });
});

describe("fetching refuses", () => {
  async function publish(bytes: Buffer, unpackedBytes?: number): Promise<Publication> {
    const { url } = await startServer(serve(bytes));
    return toyPublication("tar.gz", [published("toy.tar.gz", bytes, url)], unpackedBytes);
  }

  it("a disk without room for it, before anything is downloaded", async () => {
    const { url, asked } = await startServer(refuse(500));
    const publication = toyPublication(
      "tar.gz",
      [published("toy.tar.gz", Buffer.alloc(2_000_000), url)],
      3_000_000,
    );
    disk.free = 4_000_000;
    const error = await failure({ publication, out: newFolder(), ...quick });
    expect(error.message).toMatch(/needs 5 MB more in .*, and 4 MB are free/);
    expect(error.hint).toMatch(/with out/);
    expect(asked).toEqual([]);
  });

  it("a folder of that name that it did not make, or that lost a file, and leaves it as it was", async () => {
    const publication = await publish(await toyArchive());
    const out = newFolder();
    await mkdir(join(out, "toy-bin"));
    writeFileSync(join(out, "toy-bin", "mine.txt"), "precious");
    expect((await failure({ publication, out, ...quick })).message).toMatch(/toy-bin is there already/);
    expect(readdirSync(join(out, "toy-bin"))).toEqual(["mine.txt"]);

    const other = newFolder();
    const { folder } = await fetchData({ publication, out: other, ...quick });
    writeFileSync(join(folder, "test_batch.bin"), "cut");
    expect((await failure({ publication, out: other, ...quick })).message).toMatch(/not the complete Toy/);
  });

  it("an archive of that name that is another file, and leaves it as it was", async () => {
    const publication = await publish(await toyArchive());
    const out = newFolder();
    writeFileSync(join(out, "toy.tar.gz"), "precious");
    expect((await failure({ publication, out, ...quick })).message).toMatch(/toy.tar.gz is there already/);
    expect(readFileSync(join(out, "toy.tar.gz"), "utf8")).toBe("precious");
  });

  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ["leads out of its folder", () => toyArchive({ "../evil": "x" }), /holds \.\.\/evil, which leads out/],
    ["leads out in a roundabout way", () => toyArchive({ "toy-bin/../../evil": "x" }), /leads out/],
    ["has an absolute path", () => toyArchive({ "/tmp/evil": "x" }), /leads out/],
    ["has another folder", () => tarGz({ "other/file": "x" }), /there is no folder toy-bin in it/],
    ["is truncated", async () => (await toyArchive()).subarray(0, 1000), /cannot be unpacked/],
    ["ends in the middle", () => retar((bytes) => bytes.subarray(0, 60_000)), /cannot be unpacked/],
    ["goes on behind its end", () => retar((bytes) => Buffer.concat([bytes, JUNK])), /cannot be unpacked/],
    ["has a wrong header", () => retar((bytes) => Buffer.from(bytes).fill(1, 0, 8)), /cannot be unpacked/],
    ["is no tar", async () => gzipSync(Buffer.alloc(5000, 7)), /cannot be unpacked/],
    ["is no gzip", async () => Buffer.alloc(5000, 7), /cannot be unpacked/],
  ])("an archive that %s, and leaves no folder behind", async (_, make, message) => {
    const parent = newFolder();
    const out = join(parent, "out");
    const error = await failure({ publication: await publish(await make()), out, ...quick });
    expect(error.message).toMatch(message);
    expect(readdirSync(out)).toEqual(["toy.tar.gz"]);
    expect(readdirSync(parent)).toEqual(["out"]);
    expect(existsSync("/tmp/evil")).toBe(false);
  });

  it("to follow links in an archive", async () => {
    const publication = await publish(await toyArchive({ "toy-bin/link -> /etc/passwd": "" }));
    const { folder } = await fetchData({ publication, out: newFolder(), ...quick });
    expect(existsSync(join(folder, "link"))).toBe(false);
  });
});

describe("the catalog", () => {
  it("has whole checksums, secure or plain addresses, and every file once", () => {
    const files = PUBLICATIONS.flatMap((publication) => publication.files);
    for (const { name, url, bytes, md5, sha256 } of files) {
      expect(md5).toMatch(/^[0-9a-f]{32}$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(url).toMatch(/^https?:\/\//);
      expect(url.endsWith(`/${name}`)).toBe(true);
      expect(bytes).toBeGreaterThan(1000);
    }
    expect(new Set(files.flatMap(({ md5, sha256 }) => [md5, sha256])).size).toBe(2 * files.length);
    for (const { packing, files: each } of PUBLICATIONS)
      if (packing === "tar.gz") expect(each).toHaveLength(1);
  });

  it("suggests the nearest name", () => {
    expect(publicationOf("cifar10").title).toBe("CIFAR-10");
    expect(() => publicationOf("fashon-mnist")).toThrow(/Unknown data set to fetch "fashon-mnist"/);
    expect(() => publicationOf("cifar-10")).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/Did you mean "cifar10"/) }),
    );
  });
});

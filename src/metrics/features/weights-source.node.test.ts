import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { temporaryFolders } from "../../data/testing/images.node.ts";
import { refuse, serve, servers } from "../../data/testing/server.node.ts";
import { hashInName, readWeights, type WeightsRequest } from "./weights-source.node.ts";

const newFolder = temporaryFolders();
const startServer = servers();
const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 11 + (i >> 7)) % 256);
const HASH = createHash("sha256").update(BYTES).digest("hex");

async function refusal(request: WeightsRequest): Promise<string> {
  const error = await readWeights(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe("weights from the web", () => {
  const name = `net-${HASH.slice(0, 8)}.pth`;

  it("are downloaded, resumed where the connection broke, and checked", async () => {
    const etag = '"one"';
    const { url, asked } = await startServer(
      serve(BYTES, { etag }),
      serve(BYTES, { etag, breakAfter: 150_000 }),
      serve(BYTES, { etag }),
    );
    const folder = newFolder();
    const seen: number[] = [];
    const file = await readWeights({ from: `${url}/${name}`, folder, onProgress: (done) => seen.push(done) });
    expect(Buffer.compare(file.bytes, BYTES)).toBe(0);
    expect(file).toMatchObject({ sha256: HASH, name });
    expect(asked.at(-1)?.range).toMatch(/^bytes=[1-9]/);
    expect(seen.at(-1)).toBe(BYTES.length);
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are refused and thrown away when they are not what their name says", async () => {
    const { url } = await startServer(serve(BYTES.map((value) => 255 - value)));
    const folder = newFolder();
    expect(await refusal({ from: `${url}/${name}`, folder })).toMatch(
      new RegExp(
        `${name} is damaged or another file: its SHA-256 begins [0-9a-f]{8}, not ${HASH.slice(0, 8)}`,
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are refused when the server has none, or nobody answers", async () => {
    const { url } = await startServer(refuse(404));
    expect(await refusal({ from: `${url}/${name}`, folder: newFolder() })).toMatch(/the server answers 404/);
    expect(await refusal({ from: "http://127.0.0.1:9/net.pth", folder: newFolder() })).toMatch(
      /cannot be reached/,
    );
    for (const from of ["http://u:hush@/net.pth", "https://", "http://[::1/net.pth"])
      expect(await refusal({ from, folder: newFolder() })).toMatch(/is no(t a)? web address|is not there/);
  });

  it("cannot be kept where a file is in the way of the folder", async () => {
    const { url } = await startServer(serve(BYTES));
    const folder = join(newFolder(), "file");
    writeFileSync(folder, "");
    expect(await refusal({ from: `${url}/${name}`, folder: join(folder, "features") })).toMatch(
      /cannot be kept in/,
    );
  });
});

describe("weights from the disk", () => {
  it("are compared with the checksum that is asked for", async () => {
    const path = join(newFolder(), "net.pth");
    writeFileSync(path, BYTES);
    const request = { from: path, folder: newFolder() };
    expect((await readWeights({ ...request, checksum: HASH.slice(0, 10).toUpperCase() })).sha256).toBe(HASH);
    expect(await refusal({ ...request, checksum: "0123456789" })).toMatch(/not 0123456789/);
    expect(await refusal({ ...request, checksum: "sha256" })).toMatch(/checksum: "sha256" is no SHA-256/);
  });

  it("are refused when there are none", async () => {
    const folder = newFolder();
    expect(await refusal({ from: join(folder, "none.pth"), folder })).toMatch(/none\.pth is not there/);
    expect(await refusal({ from: folder, folder })).toMatch(/is a folder/);
  });
});

it("finds the checksum in the names of PyTorch's files", () => {
  expect(hashInName("pt_inception-2015-12-05-6726825d.pth")).toBe("6726825d");
  expect(hashInName("inception_v3_google-0cc3c7bd.pth")).toBe("0cc3c7bd");
  expect(hashInName("inception-2015-12-05.pth")).toBeUndefined();
  expect(hashInName("weights.pth")).toBeUndefined();
});

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { formatBytes } from "../../base/text/format/index.ts";

import { temporaryFolders } from "../testing/images.node.ts";
import { type Handler, refuse, serve, servers, type TestServer } from "../testing/server.node.ts";
import { type DownloadOptions, download } from "./download.node.ts";

const newFolder = temporaryFolders();
const startServer = servers();

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 256);
/** Another version of the file. */
const OTHER = BYTES.map((value) => 255 - value);

interface Attempt {
  readonly error: UserError | undefined;
  readonly resumed: boolean | undefined;
  readonly retries: string[];
  /** Whether the part holds `BYTES`; and how long it is. */
  readonly whole: boolean;
  readonly size: number;
}

/** Download from `url` into `folder`, as far as it goes. */
async function attempt(url: string, folder: string, more: Partial<DownloadOptions> = {}): Promise<Attempt> {
  const path = join(folder, "file.bin");
  const retries: string[] = [];
  const outcome = await download({
    ...{ url: `${url}/file.bin`, path, bytes: BYTES.length, stallMs: 300_000, pauseMs: () => 0 },
    onRetry: (reason) => retries.push(reason),
    ...more,
  }).catch((thrown: unknown) => thrown);
  if (outcome instanceof Error && !(outcome instanceof UserError)) throw outcome;
  const part = existsSync(`${path}.part`) ? readFileSync(`${path}.part`) : Buffer.alloc(0);
  const [whole, size] = [part.equals(BYTES), part.length];
  if (outcome instanceof UserError) return { error: outcome, resumed: undefined, retries, whole, size };
  return { error: undefined, resumed: (outcome as { resumed: boolean }).resumed, retries, whole, size };
}

/** The same with a server of these handlers. */
async function against(...handlers: Handler[]): Promise<Attempt & TestServer> {
  const server = await startServer(...handlers);
  return { ...server, ...(await attempt(server.url, newFolder())) };
}

describe("a download", () => {
  it("keeps what arrives under a .part name, and says how far it is", async () => {
    const { url } = await startServer(serve(BYTES));
    const seen: number[] = [];
    const { whole, resumed, retries } = await attempt(url, newFolder(), { onProgress: (n) => seen.push(n) });
    expect(whole).toBe(true);
    expect([resumed, retries]).toEqual([false, []]);
    expect([seen[0], seen.at(-1)]).toEqual([0, BYTES.length]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("goes on where the connection broke, asking for the rest of the same version", async () => {
    const etag = '"one"';
    const { whole, retries, asked } = await against(
      serve(BYTES, { etag, breakAfter: 100_000 }),
      serve(BYTES, { etag, breakAfter: 50_000 }),
      serve(BYTES, { etag }),
    );
    expect(whole).toBe(true);
    expect(retries).toHaveLength(2);
    expect(asked[0]).toMatchObject({ range: undefined, ifRange: undefined });
    for (const { range, ifRange } of asked.slice(1)) {
      expect(range).toMatch(/^bytes=[1-9]\d*-$/);
      expect(ifRange).toBe(etag);
    }
  });

  it("goes on in another process, which finds the part and the note of its version", async () => {
    const folder = newFolder();
    const abort = new AbortController();
    const { url, asked } = await startServer(
      serve(BYTES, { etag: '"one"', stallAfter: 100_000 }),
      serve(BYTES, { etag: '"one"' }),
    );
    const first = attempt(url, folder, {
      signal: abort.signal,
      onProgress: (n) => n >= 50_000 && abort.abort(new Error("enough")),
    });
    await expect(first).rejects.toThrow("enough");
    const kept = readFileSync(join(folder, "file.bin.part")).length;
    expect(kept).toBeGreaterThanOrEqual(50_000);
    const second = await attempt(url, folder);
    expect(second).toMatchObject({ whole: true, resumed: true });
    expect(asked.at(-1)).toEqual({ path: "/file.bin", range: `bytes=${kept}-`, ifRange: '"one"' });
  });

  it("begins again when the file has changed meanwhile", async () => {
    const { whole, asked } = await against(
      serve(OTHER, { etag: '"one"', breakAfter: 100_000 }),
      serve(BYTES, { etag: '"two"' }),
    );
    expect(whole).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it("begins again when a server gives a part of another version all the same", async () => {
    const careless: Handler = (request, response) => {
      delete request.headers["if-range"];
      serve(BYTES, { etag: '"two"' })(request, response);
    };
    const { whole, asked } = await against(serve(OTHER, { etag: '"one"', breakAfter: 100_000 }), careless);
    expect(whole).toBe(true);
    expect(asked.map(({ range }) => range !== undefined)).toEqual([false, true, false]);
  });

  it("begins again where the server knows no ranges", async () => {
    const { whole, retries } = await against(
      serve(BYTES, { ranges: false, breakAfter: 200_000 }),
      serve(BYTES, { ranges: false }),
    );
    expect(whole).toBe(true);
    expect(retries).toHaveLength(1);
  });

  it("begins again when the server refuses the range", async () => {
    const { whole } = await against(serve(BYTES, { breakAfter: 100_000 }), refuse(416), serve(BYTES));
    expect(whole).toBe(true);
  });

  it("goes on from another mirror", async () => {
    const folder = newFolder();
    const [bad, good] = [
      await startServer(serve(BYTES, { etag: '"one"', breakAfter: 100_000 }), refuse(404)),
      await startServer(serve(BYTES, { etag: '"elsewhere"' })),
    ];
    expect((await attempt(bad.url, folder)).error?.message).toMatch(/404/);
    expect(await attempt(good.url, folder)).toMatchObject({ whole: true, resumed: true });
    expect(good.asked[0]).toMatchObject({ range: expect.stringMatching(/^bytes=/), ifRange: undefined });
  });

  it("makes nothing of a part without a note: nobody knows what it is", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file.bin.part"), "something else");
    const { url, asked } = await startServer(serve(BYTES));
    expect(await attempt(url, folder)).toMatchObject({ whole: true, resumed: false });
    expect(asked[0]!.range).toBeUndefined();
  });

  it("takes a whole part as it is", async () => {
    const folder = newFolder();
    const { url, asked } = await startServer(serve(BYTES));
    await attempt(url, folder);
    expect(await attempt(url, folder)).toMatchObject({ whole: true, resumed: true });
    expect(asked).toHaveLength(1);
  });

  it("tries a stalled connection again", async () => {
    const { url } = await startServer(serve(BYTES, { stallAfter: 100_000 }), serve(BYTES));
    const { whole, retries } = await attempt(url, newFolder(), { stallMs: 1000 });
    expect(whole).toBe(true);
    expect(retries).toEqual([expect.stringMatching(/nothing arrived for/)]);
  });

  it("follows redirects, to other servers as well", async () => {
    const { url, asked } = await startServer(serve(BYTES));
    const { whole } = await against(
      refuse(301, { location: "/moved" }),
      refuse(302, { location: `${url}/there` }),
    );
    expect(whole).toBe(true);
    expect(asked[0]!.path).toBe("/there");
  });

  it("leaves alone what a server calls gzip-encoded: the file is a .gz", async () => {
    const { whole } = await against((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("identity");
      response.writeHead(200, { "content-encoding": "x-gzip", "content-length": BYTES.length }).end(BYTES);
    });
    expect(whole).toBe(true);
  });

  it("waits out a server that is overloaded for a moment", async () => {
    const { whole, retries } = await against(refuse(503), refuse(429), serve(BYTES));
    expect(whole).toBe(true);
    expect(retries).toEqual(["the server answers 503", "the server answers 429"]);
  });
});

describe("a download that cannot be", () => {
  it.each([[404], [403], [410]])("is refused with %i: said at once, with what to do", async (status) => {
    const { error, asked } = await against(refuse(status));
    expect(error?.message).toMatch(`The server answers ${status}`);
    expect(error?.hint).toMatch(/another mirror/);
    expect(asked).toHaveLength(1);
  });

  it("is given up after some attempts that bring nothing, and keeps what there is", async () => {
    const { error, size, asked } = await against(
      serve(BYTES, { etag: '"one"', breakAfter: 100_000 }),
      refuse(500),
    );
    expect(error?.message).toMatch(/could not be downloaded \(the server answers 500\)/);
    expect(error?.hint).toMatch(/100 kB of 300 kB are kept.*goes on from there/);
    expect(size).toBeGreaterThan(0);
    expect(asked).toHaveLength(6);
  });

  it("says so where nothing has arrived at all", async () => {
    const { error, size } = await against(refuse(500));
    expect(error?.hint).toMatch(/^Nothing has arrived\./);
    // As the headline says of the same file.
    expect(formatBytes(170_498_071)).toBe("170 MB");
    expect(size).toBe(0);
  });

  it("ends although a server always breaks off, at another place each time", async () => {
    const places = [100_000, 60_000, 80_000, 50_000, 70_000, 90_000];
    const { error, asked, size } = await against(
      ...places.map((breakAfter) => serve(BYTES, { ranges: false, breakAfter })),
    );
    expect(error?.message).toMatch(/could not be downloaded/);
    // More than six if less than was sent has arrived once: going further than ever before counts as getting on.
    expect(asked.length).toBeGreaterThanOrEqual(6);
    expect(size).toBeLessThanOrEqual(100_000);
  });

  it("has no server", async () => {
    const { error } = await attempt("http://127.0.0.1:9", newFolder());
    expect(error?.message).toMatch(/could not be downloaded \(.*ECONNREFUSED/);
  });

  it.each<[string, Handler, RegExp]>([
    [
      "a shorter file",
      serve(BYTES.subarray(0, 5000)),
      /is offered with 5000 bytes.*published file has 300000/,
    ],
    ["a longer one", serve(new Uint8Array(BYTES.length + 1)), /is offered with 300001 bytes/],
    [
      "a longer one without its length",
      serve(new Uint8Array(400_000), { length: null }),
      /sends more than the 300000/,
    ],
  ])("is offered as %s", async (_, handler, message) => {
    const { error, asked } = await against(handler);
    expect(error?.message).toMatch(message);
    expect(asked).toHaveLength(1);
  });

  it("is promised in full and always cut short", async () => {
    const lie = serve(BYTES.subarray(0, 5000), { length: null, ranges: false });
    const { error, asked } = await against(lie);
    expect(error?.message).toMatch(/could not be downloaded \(it ended after 5000 of 300000 bytes\)/);
    expect(asked).toHaveLength(6);
  });

  it("leads round in circles", async () => {
    const { error } = await against(refuse(302, { location: "/again" }));
    expect(error?.message).toMatch(/without end/);
  });

  it("leads to something that is no web address", async () => {
    const { error } = await against(refuse(302, { location: "file:///etc/passwd" }));
    expect(error?.message).toMatch(/"file:.*" is not a web address/);
  });

  it("has no place to go to", async () => {
    const { url, asked } = await startServer(serve(BYTES));
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const { error } = await attempt(url, file);
    expect(error?.message).toMatch(
      /cannot be written: a part of the path is a file, not a folder \(ENOTDIR\)/,
    );
    expect(error?.hint).toMatch(/out names another place|another place with out/);
    expect(asked).toHaveLength(1);
  });
});

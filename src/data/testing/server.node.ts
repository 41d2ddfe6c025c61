/** A web server for tests that can misbehave, and archives for it to serve. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { afterEach } from "vitest";
import type { Publication, PublishedFile } from "../fetch/catalog.ts";

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server, and what it was asked. */
export interface TestServer {
  readonly url: string;
  readonly asked: { readonly path: string; readonly range: string | undefined; readonly ifRange: unknown }[];
}

/**
 * Servers that are closed after the test. Each answers its n-th request by the n-th handler, then
 * always by the last.
 */
export function servers(): (...handlers: Handler[]) => Promise<TestServer> {
  const running: Server[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
  return async (...handlers) => {
    const asked: TestServer["asked"] = [];
    const server = createServer((request, response) => {
      const { url = "", headers } = request;
      asked.push({ path: url, range: headers.range, ifRange: headers["if-range"] });
      handlers[Math.min(asked.length, handlers.length) - 1]!(request, response);
    });
    running.push(server);
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  };
}

/** How a file is served. */
export interface ServeOptions {
  /** Names the version, and makes ranges conditional on it. */
  readonly etag?: string;
  /** Whether ranges are honored. */
  readonly ranges?: boolean;
  /** Break the connection after so many bytes of the answer. */
  readonly breakAfter?: number;
  /** Go silent after so many bytes of the answer. */
  readonly stallAfter?: number;
  /** What Content-Length says, if not the truth; none is sent for null. */
  readonly length?: number | null;
}

/** Serves `bytes` as a proper server does, or as `options` say. */
export function serve(bytes: Uint8Array, options: ServeOptions = {}): Handler {
  return ({ headers }, response) => {
    const asked = /^bytes=(\d+)-$/.exec(headers.range ?? "");
    const current = headers["if-range"] === undefined || headers["if-range"] === options.etag;
    const start = asked && options.ranges !== false && current ? Number(asked[1]) : 0;
    if (start > 0 && start >= bytes.length) {
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
      return;
    }
    const body = bytes.subarray(start);
    const length = options.length === undefined ? body.length : options.length;
    response.writeHead(start > 0 ? 206 : 200, {
      ...(length === null ? {} : { "content-length": length }),
      ...(start > 0 ? { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
      ...(options.etag === undefined ? {} : { etag: options.etag }),
    });
    const end = options.breakAfter ?? options.stallAfter;
    if (end === undefined) response.end(body);
    else
      response.write(body.subarray(0, end), () => {
        // Not destroyed, and not at once: what has been written shall arrive first, and be read, since a client forgets what it has
        // not read when the connection ends.
        if (options.breakAfter !== undefined) setTimeout(() => response.socket?.end(), 50);
      });
  };
}

/** Answers with a status and nothing else. */
export function refuse(status: number, headers: Record<string, string> = {}): Handler {
  return (_, response) => response.writeHead(status, headers).end();
}

/** A .tar.gz of files, or of links (`path -> target`). */
export async function tarGz(files: Readonly<Record<string, Uint8Array | string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([path, contents]): TarEntry => {
    const [name, linkname] = path.split(" -> ") as [string, string | undefined];
    if (linkname !== undefined) return { header: { name, size: 0, type: "symlink", linkname } };
    const body = Buffer.from(contents);
    return { header: { name, size: body.length, type: "file" }, body };
  });
  return gzipSync(await packTar(entries), { level: 1 });
}

/** What is published of a file with these bytes. */
export function published(name: string, bytes: Uint8Array, url: string): PublishedFile {
  const sum = (kind: string): string => createHash(kind).update(bytes).digest("hex");
  return { name, url: `${url}/${name}`, bytes: bytes.length, md5: sum("md5"), sha256: sum("sha256") };
}

/** A data set of these files, to be fetched under the name `toy`. */
export function toyPublication(
  packing: Publication["packing"],
  files: readonly PublishedFile[],
  unpackedBytes = 1000,
): Publication {
  const page = "http://example.org";
  return {
    ...{ name: "toy", title: "Toy", page, files, packing },
    ...{ folder: "toy-bin", unpackedBytes, source: "cifar10" },
  };
}

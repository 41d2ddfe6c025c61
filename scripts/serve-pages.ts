/**
 * A static server for a built page, on the loopback interface only. With `isolated` it sends the
 * two headers by which a browser gives a page shared memory, which ONNX Runtime's threads need
 * (web.dev/coop-coep).
 */
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";

/** A server that runs. */
export interface PageServer {
  /** With a slash at the end. */
  readonly address: string;
  /** Paths asked for so far. */
  readonly requested: readonly string[];
  close(): Promise<void>;
}

/**
 * Whether the build has put a hash of the content into a file's name: such a file never changes.
 */
const isHashed = (path: string): boolean => /\/assets\/.+-[\w-]{8}\.\w+$/.test(path);

/** Serve the files in `folder`. @param port 0 takes a free one */
export async function servePages(folder: string, isolated: boolean, port = 0): Promise<PageServer> {
  const requested: string[] = [];
  const app = new Hono();
  app.use(async (context, next) => {
    requested.push(context.req.path);
    await next();
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cache-Control", isHashed(context.req.path) ? "max-age=31536000, immutable" : "no-cache");
    if (!isolated) return;
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Embedder-Policy", "require-corp");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
  });
  app.use(serveStatic({ root: folder, precompressed: true }));
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => resolve(started));
    started.once("error", reject);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    address: `http://127.0.0.1:${bound}/`,
    requested,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

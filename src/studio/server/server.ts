/** The server: the app on a port. */

import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { errorCode } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { createLauncher, type LaunchOptions } from "../launch/launcher.ts";
import type { IndexStore } from "../runs/index-store.ts";
import { createRunCatalog } from "../runs/run-catalog.ts";
import { createApp } from "./app.ts";
import { limitConnections } from "./connections.ts";
import { loadPage, type StartHint } from "./pages.ts";

/** Where the studio listens unless told otherwise. */
export const DEFAULT_PORT = 4750;

/** What to serve and where. */
export interface StudioOptions {
  /** Folder of runs; it may not exist yet. */
  readonly root: string;
  /** How many folders below it a run may lie; default 3. */
  readonly deepest?: number | undefined;
  /** Default: this machine only. */
  readonly host?: string | undefined;
  /** Other names it may be asked for by, as that of a proxy before it. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whether pages of this machine, as a notebook's, may have the page in a frame. */
  readonly embed?: boolean | undefined;
  /** What the page says while there are no runs. */
  readonly hint?: StartHint | undefined;
  /** Default 4750; 0 is any free one. */
  readonly port?: number | undefined;
  /** Take another port when this one is taken. */
  readonly otherPort?: boolean | undefined;
  /** Do not keep the process from ending. */
  readonly background?: boolean | undefined;
  readonly store?: IndexStore | undefined;
  /** What trainings may be started with from the page; none may unless given. */
  readonly launch?: LaunchOptions | undefined;
}

/** A server that listens. */
export interface Studio {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Start the studio's server.
 * @throws UserError when the page is not built, or the port is taken and no other may be
 */
export async function startStudio(options: StudioOptions): Promise<Studio> {
  const { root, host = "127.0.0.1", port = DEFAULT_PORT, otherPort = false, background = false } = options;
  const controller = new AbortController();
  const token = randomBytes(24).toString("base64url");
  const catalog = createRunCatalog(root, options.store, options.deepest);
  const { allowedHosts, embed, hint } = options;
  const { signal } = controller;
  const launcher = options.launch && createLauncher(options.launch, root);
  const app = createApp({
    ...{ catalog, page: loadPage(), host, allowedHosts, token, embed, hint, launcher, signal },
  });
  const server = await listen(app.fetch, host, port, otherPort);
  limitConnections(server);
  if (background) {
    server.unref();
    server.on("connection", (socket: { unref(): void }) => socket.unref());
  }
  const { port: taken } = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${taken}/`,
    port: taken,
    async close() {
      // First, so that the page still sees how it ends.
      await launcher?.close();
      controller.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
      await catalog.close();
    },
  };
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  hostname: string,
  port: number,
  otherPort: boolean,
): Promise<ServerType> {
  try {
    return await new Promise<ServerType>((resolve, reject) => {
      const server = serve({ fetch, hostname, port }, () => resolve(server));
      server.once("error", reject);
    });
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE" && otherPort && port !== 0)
      return listen(fetch, hostname, 0, false);
    throw explainListenError(error, hostname, port);
  }
}

function explainListenError(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === "EADDRINUSE")
    return new UserError(
      `Port ${port} is taken.`,
      `Name another one with ${option("port")}, or ${option("port", 0)} for any.`,
      {
        cause: error,
      },
    );
  if (code === "EACCES")
    return new UserError(
      `Port ${port} may not be used by this user.`,
      `Name one above 1023 with ${option("port")}.`,
      {
        cause: error,
      },
    );
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new UserError(
      `${host} is no address of this machine.`,
      `Name one with ${option("host")}, or leave it out.`,
      {
        cause: error,
      },
    );
  return error;
}

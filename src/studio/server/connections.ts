/**
 * A most of connections to the server. Each takes one of the files that a process may have open,
 * and those are the training's too: without a limit, somebody who opens thousands and asks for
 * nothing could keep it from saving. For a new one, that which has been idle for longest is closed;
 * so whoever asks is answered.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ServerType } from "@hono/node-server";

/** Connections that are held, live ones and others. */
export const MAX_CONNECTIONS = 512;

/** Hold no more than `max` connections of a server that has none yet. */
export function limitConnections(server: ServerType, max = MAX_CONNECTIONS): void {
  /** Those without a request under way, the one that has been so for longest first. */
  const idle = new Set<Socket>();
  const busy = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.once("close", () => {
      idle.delete(socket);
      busy.delete(socket);
    });
    if (idle.size + busy.size >= max) {
      const [longest = socket] = idle;
      longest.destroy();
      idle.delete(longest);
      if (longest === socket) return;
    }
    idle.add(socket);
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    busy.add(socket);
    response.once("close", () => {
      busy.delete(socket);
      if (!socket.destroyed) idle.add(socket);
    });
  });
}

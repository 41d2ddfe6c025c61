/**
 * Connections beyond the most: the ones that ask for nothing give way, so whoever asks is answered.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { limitConnections } from "./connections.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(max: number, answer: (path: string) => boolean) {
  const held: string[] = [];
  const server = createServer((request, response) => {
    if (answer(request.url!)) response.end("answered");
    else held.push(request.url!);
  });
  limitConnections(server, max);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const open = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };
  return { port, held, open };
}

it("idle ones give way, the oldest first; those with a request under way stay", async () => {
  const { port, held, open } = await listening(3, (path) => path === "/get");
  const busy = await open();
  busy.write("GET /live HTTP/1.1\r\nhost: a\r\n\r\n");
  while (held.length < 1) await new Promise(setImmediate);
  const idle = [await open(), await open()];
  const gone = once(idle[0]!, "close");
  expect(await (await fetch(`http://127.0.0.1:${port}/get`)).text()).toBe("answered");
  await gone;
  expect(busy.closed).toBe(false);
  expect(idle[1]!.closed).toBe(false);
});

it("where all are busy, the new one is turned away, and there is room again when one has gone", async () => {
  const { port, held, open } = await listening(2, (path) => path === "/get");
  const busy = [await open(), await open()];
  for (const socket of busy) socket.write("GET /live HTTP/1.1\r\nhost: a\r\n\r\n");
  while (held.length < 2) await new Promise(setImmediate);
  await once(await open(), "close");
  busy[0]!.destroy();
  let text: string | undefined;
  // Until the server has noticed.
  while (text === undefined)
    text = await fetch(`http://127.0.0.1:${port}/get`).then(
      (response) => response.text(),
      () => undefined,
    );
  expect(text).toBe("answered");
});

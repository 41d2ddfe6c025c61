/** A generator from an address: the file, or why there is none, in words that say what to do. */
import { UserError } from "../../../src/base/errors.ts";

/** A file that was fetched. */
export interface Fetched {
  /** The last part of its address. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const OTHERWISE = "Or download it, and open or drop the file here.";

/**
 * Fetch a file.
 * @param address absolute, or relative to the page
 * @throws UserError when it is no address, there is nothing, another site does not allow it, or it
 * is a web page
 */
export async function fetchGenerator(address: string): Promise<Fetched> {
  const url = addressOf(address);
  const response = await fetch(url).catch(() => undefined);
  if (!response) throw await unreachable(url);
  if (!response.ok) {
    const elsewhere = /^[a-z]+:/i.test(address) ? "" : " One on another site begins with https://.";
    const what = response.status === 404 ? ": there is no such file" : "";
    throw new UserError(
      `${url.href} could not be fetched: the server answered ${response.status}${what}.`,
      `Check the address.${elsewhere}`,
    );
  }
  if (/^text\/html\b/i.test(response.headers.get("Content-Type") ?? ""))
    throw new UserError(
      `${url.href} is a web page, not an ONNX file.`,
      "Take the address of the file itself: the one behind “download” or “raw”.",
    );
  const bytes = await response.arrayBuffer().catch(() => {
    throw new UserError(`The connection broke while ${url.href} was fetched.`, "Try it again.");
  });
  return { name: fileName(url), bytes: new Uint8Array(bytes) };
}

function addressOf(address: string): URL {
  const url = URL.parse(address, location.href);
  if (url && /^(https?|blob|data):$/.test(url.protocol)) return url;
  throw new UserError(
    address === "" ? "There is no address." : `"${address}" is no address that a page can fetch from.`,
    "For example: https://example.com/generator.onnx",
  );
}

function fileName(url: URL): string {
  const last = url.pathname.split("/").at(-1) || url.hostname;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * Why a request failed, which browsers do not tell a page. A request whose answer may not be read
 * gets through to a server that only does not share its files, unless the page is isolated: then
 * nobody can tell the two apart.
 */
async function unreachable(url: URL): Promise<UserError> {
  if (url.protocol === "http:" && location.protocol === "https:")
    return new UserError(
      `${url.href} could not be fetched: a page from https may not ask an address that begins with http.`,
      `Use https. ${OTHERWISE}`,
    );
  const foreign = url.origin !== location.origin;
  const answers = foreign && (await fetch(url, { mode: "no-cors" }).catch(() => undefined)) !== undefined;
  if (answers)
    return new UserError(
      `${url.href} could not be fetched: ${url.host} does not let other pages read its files (CORS).`,
      `Its owner can allow it with the header Access-Control-Allow-Origin: *. ${OTHERWISE}`,
    );
  const maybe = foreign ? `, or ${url.host} does not let other pages read its files (CORS)` : "";
  return new UserError(
    `${url.href} could not be fetched: no server answers there${maybe}.`,
    `Check the address and the connection. ${OTHERWISE}`,
  );
}

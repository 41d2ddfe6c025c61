/**
 * One HTTP request for a file, byte for byte: `fetch` would unpack what a server labels
 * `Content-Encoding: gzip`, as old servers label every .gz file, and the file would no longer be
 * the one that was published.
 */

import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAXIMUM_REDIRECTS = 8;

/** What a server said; `body` must be read to its end or destroyed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** How to ask. */
export interface AskOptions {
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The connection is given up when nothing arrives for so many milliseconds, before or during the
   * answer.
   */
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * GET `url`, following redirects.
 * @throws UserError for an address that is none, or leads round in circles; whatever the network
 * reports otherwise
 */
export async function ask(url: string, options: AskOptions): Promise<Answer> {
  let address = webAddress(url);
  for (let hops = 0; hops <= MAXIMUM_REDIRECTS; hops++) {
    const body = await send(address, options);
    const status = body.statusCode ?? 0;
    const target = body.headers.location;
    if (!REDIRECTS.has(status) || target === undefined) return { status, headers: body.headers, body };
    body.destroy();
    address = webAddress(target, address);
  }
  throw new UserError(
    `${url} leads from one address to the next without end.`,
    `Try another ${option("mirror")}.`,
  );
}

/** A parsed http or https address. @throws UserError for anything else */
export function webAddress(text: string, base?: URL): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new UserError(
    `"${text}" is not a web address.`,
    `Give one that begins with https:// or http://, as in ${option("mirror", "https://example.org/data")}.`,
  );
}

function send(address: URL, { headers, stallMs, signal }: AskOptions): Promise<IncomingMessage> {
  const request = address.protocol === "https:" ? requestSecure : requestPlain;
  // No connection is kept: there are few files, and the process shall end when it is done.
  const options: RequestOptions = { agent: false, headers: { "accept-encoding": "identity", ...headers } };
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const sent = request(address, { ...options, ...(signal ? { signal } : {}) }, (response) => {
      answer = response;
      resolve(response);
    });
    sent.setTimeout(stallMs, () =>
      (answer ?? sent).destroy(new Error(`nothing arrived for ${Math.round(stallMs / 1000)} seconds`)),
    );
    sent.on("error", reject);
    sent.end();
  });
}

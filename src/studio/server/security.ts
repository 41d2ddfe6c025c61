/**
 * Who may talk to the server. It listens on this machine only, unless asked otherwise; but pages of
 * other sites run in the same browser, so that is not enough:
 * - the Host header must name this machine, be an address or a name that was allowed
 *   (--allow-host): a foreign name that was made to point here (DNS rebinding) is refused;
 * - requests a browser sends on behalf of another site are refused, by Origin and by
 *   Sec-Fetch-Site;
 * - whatever changes something needs a token, which only a page that was served from here can read;
 * - the page runs only its own scripts and styles, connects only to here, and cannot be framed
 *   (--embed: only by pages of this machine, as a notebook's).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { hostname } from "node:os";
import type { Context, MiddlewareHandler } from "hono";

/** Header of the token. */
const TOKEN_HEADER = "x-quarterturn-token";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The same where pages of this machine may have the page in a frame. */
const EMBEDDED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(HEADERS).filter(([name]) => name !== "x-frame-options")),
  "content-security-policy": HEADERS["content-security-policy"]!.replace(
    "frame-ancestors 'none'",
    "frame-ancestors http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*",
  ),
};

/** Whom a server answers. */
export interface Guarded {
  /** The address it was told to listen on, besides this machine's own names. */
  readonly host: string;
  /** Names of a proxy before it. */
  readonly allowedHosts: readonly string[];
  readonly token: string;
  /** Whether pages of this machine may have the page in a frame. */
  readonly embed?: boolean | undefined;
}

/** Headers on every answer, and the checks above. */
export function guard({ host, allowedHosts, token, embed = false }: Guarded): MiddlewareHandler {
  const proxies = new Set(allowedHosts.map(nameOf));
  const headers = embed ? EMBEDDED : HEADERS;
  return async (context, next) => {
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    const refusal = refuse(context, host, proxies, token);
    if (refusal) return context.json({ error: refusal }, 403);
    return next();
  };
}

/** Why a request is refused; undefined when it is not. */
function refuse(
  { req }: Context,
  host: string,
  proxies: ReadonlySet<string>,
  token: string,
): string | undefined {
  const named = req.header("host") ?? "";
  const name = nameOf(named);
  if (!isOwnName(name, host) && !proxies.has(name))
    return `This server is not ${named}. Behind a proxy, start it with --allow-host and that name.`;
  const site = req.header("sec-fetch-site");
  // "none": typed into the address bar, or a bookmark.
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    const opens = req.method === "GET" && req.header("sec-fetch-mode") === "navigate" && req.path === "/";
    if (!opens) return "Requests from other sites are refused.";
  }
  const origin = req.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, named, proxies))
    return "Requests from other sites are refused.";
  if (req.method === "GET" || req.method === "HEAD") return undefined;
  return sameToken(req.header(TOKEN_HEADER) ?? "", token)
    ? undefined
    : "The token is missing or wrong: reload the page.";
}

/** Without the port, and without the dot that ends a full name. */
const nameOf = (host: string): string => host.replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();

/**
 * The very address that is asked, or a name that was allowed: a proxy may ask for the server by
 * another one than the browser asked for.
 */
function isOwnOrigin(origin: string, named: string, proxies: ReadonlySet<string>): boolean {
  try {
    const { host, hostname: name } = new URL(origin);
    return host === named.toLowerCase() || proxies.has(nameOf(name));
  } catch {
    return false;
  }
}

/**
 * A name that only this machine has, an address (which nobody can make point elsewhere), or the one
 * that was asked for.
 */
function isOwnName(name: string, host: string): boolean {
  if (name === "localhost" || name === nameOf(host) || name === hostname().toLowerCase()) return true;
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
}

/** Compared in a time that tells nothing. */
function sameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Whether a host is reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Addresses may carry secrets: a user's name and password, a token, a signature. They are not
 * printed, and not written down.
 */

const SCHEME = String.raw`(?:\b[a-z][a-z0-9+.-]*:)?\/\/|\b(?:https?|ftp|rediss?|postgres(?:ql)?):\/?(?!\/)`;

/** User and password: up to the last @ before the path. */
const USER = new RegExp(String.raw`(${SCHEME})[^\s/?#<>]*@`, "gi");
/** The same where somebody has not escaped a slash in the password. A port is no password. */
const USER_WITH_SLASH = new RegExp(String.raw`(${SCHEME})[^\s/?#<>@:]*:(?!\d+[/?#])[^\s<>]{0,500}@`, "gi");
/** User and password before a host whose scheme somebody has left out. */
const USER_OF_HOST =
  /(?<![\w.+-])[\w.+-]+:[^\s/@:"<>]+@(?=(?:localhost|\[[\da-f:]+\]|[\w-]+(?:\.[\w-]+)+)(?![\w-]))/gi;
/** Parameters: which of them are secret is the server's matter. */
const PARAMETERS = new RegExp(String.raw`((?:${SCHEME})[^\s?#<>]*)\?([^\s#<>]*)`, "gi");
/** What stands behind a # is for a page; a sign-in leaves tokens there. */
const FRAGMENT =
  /([#&][^\s=&#<>"']*(?:token|key|secret|sig|pass|auth|code|cred|jwt|session)[^\s=&#<>"']*=)[^\s&#<>"']+/gi;

/**
 * A text without the secrets in its addresses: `https://…@host/file?token=…&part=…`. The one place
 * where they are masked: errors, everything that is printed, and what is written down of an address
 * go through here.
 */
export function withoutSecrets(text: string): string {
  if (!text.includes(":") && !text.includes("//")) return text;
  return text
    .replace(USER_WITH_SLASH, "$1…@")
    .replace(USER, "$1…@")
    .replace(USER_OF_HOST, "…@")
    .replace(PARAMETERS, (_, before: string, parameters: string) => `${before}?${maskedValues(parameters)}`)
    .replace(FRAGMENT, "$1…");
}

/** A parameter without a name may be the secret itself. */
const maskedValues = (parameters: string): string =>
  parameters
    .split("&")
    .map((parameter) => {
      const equals = parameter.indexOf("=");
      if (equals >= 0) return `${parameter.slice(0, equals + 1)}…`;
      return parameter.length > 0 ? "…" : "";
    })
    .join("&");

/** For `JSON.stringify`: texts without the secrets in their addresses. */
export const maskingReplacer = (_: string, value: unknown): unknown =>
  typeof value === "string" ? withoutSecrets(value) : value;

/** The meaning of the drivers' errors: whether to wait, and what the user can do. */
import { brokerVariables } from "./broker-address.ts";

/** An operation that exceeded its time limit. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/**
 * Errors that pass by themselves, or once an administrator has acted: no connection, a server that starts or stops, no
 * room. Postgres: SQLSTATE classes 08, 53, 57, and 40 (a transaction to be repeated). Redis: the first word of its
 * answer.
 */
const passing =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|^(08|53|57|40)[0-9A-Z]{3}\b|\b(OOM|LOADING|MISCONF|READONLY|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN)\b|[Cc]onnection (is closed|terminated|timeout|ended)|timeout exceeded|max retries per request|Stream isn't writeable/;

export function isPassing(error: unknown): boolean {
  return error instanceof NoAnswerError || passing.test(problemOf(error));
}

/** ioredis's message for a command without a connection; an event reports why there is none. */
export function saysNothing(error: unknown): boolean {
  return (
    error instanceof NoAnswerError || /max retries per request|Connection is closed/.test(problemOf(error))
  );
}

const { password, passwordFile, caFile } = brokerVariables;

/** How to fix errors that may not pass by waiting, by the error's code and text. */
const mendings: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED/,
    `The server's certificate is not signed by an authority that this machine trusts: set ${caFile} to a file with the certificate of the authority that signed it.`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    "The server's certificate is for another host: use the name it was issued for, or have a certificate issued for the name in the address.",
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "Renew the server's certificate, or set this machine's clock."],
  [
    /does not support SSL|WRONG_VERSION_NUMBER|EPROTO/,
    "The server does not use TLS on this port: enable it there or, on a network that you trust, connect without TLS (redis://, sslmode=disable).",
  ],
  [/no encryption/, "The server requires TLS: end the address with ?sslmode=verify-full."],
  [
    /ECONNRESET|ETIMEDOUT|no answer within/,
    "If this persists, perhaps only one side uses TLS: rediss:// or ?sslmode=verify-full enables it here.",
  ],
  [
    /^28P01|WRONGPASS|NOAUTH|invalid password|client password must be/,
    `Set ${password}, or ${passwordFile} to a file that holds it; the user name belongs in the address.`,
  ],
  [/NOPERM|^42501/, "Give the user the rights that docs/distributed.md lists."],
  [
    /maxmemory-policy is/,
    "Jobs and results would be lost silently: set maxmemory-policy noeviction, which refuses writes instead.",
  ],
  [/^3D000/, "Create the database, or name another at the end of the address."],
];

export function mendingOf(error: unknown): string | undefined {
  const problem = problemOf(error);
  return mendings.find(([pattern]) => pattern.test(problem))?.[1];
}

export function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && !error.message.includes(String(error.code)) ? `${error.code} ` : "";
  return `${code}${error.message}`;
}

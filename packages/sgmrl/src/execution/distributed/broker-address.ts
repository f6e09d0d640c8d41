/**
 * Where the broker is. A password never appears on the command line, where every user of the machine can read it, or in
 * a log: it comes from the environment or from a file.
 */
import { InputError } from "../../errors.ts";
import { limits, readText } from "../../files/read-file.ts";

/** A broker as `brokerAddress` has read it; the password is in `url` alone. */
export interface BrokerAddress {
  readonly kind: "redis" | "postgres";
  /** With the password, without the parameters for TLS. */
  readonly url: string;
  /** Present for a connection over TLS, in which the server proves to be the host of the address. */
  readonly tls?: Tls;
  /** Without the password. */
  readonly shown: string;
  /** A text, such as a driver's error, without the password. */
  redact(text: string): string;
}

export interface Tls {
  /** Certificates (PEM) of the authorities to trust, instead of those that Node knows. */
  readonly ca?: string;
}

export const brokerVariables = {
  url: "SGMRL_BROKER",
  password: "SGMRL_BROKER_PASSWORD",
  passwordFile: "SGMRL_BROKER_PASSWORD_FILE",
  caFile: "SGMRL_BROKER_CA_FILE",
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

const kinds: Readonly<Record<string, BrokerAddress["kind"]>> = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

const expected = "redis://, rediss:// (TLS), postgres:// or postgresql://";

/**
 * The address given on the command line, or else that in the environment.
 *
 * Errors  InputError for no address, one that is not a broker's, a password in the flag, or unreadable certificates
 */
export function brokerAddress(
  given: string | undefined,
  environment: Environment = process.env,
): BrokerAddress {
  const text = given ?? environment[brokerVariables.url];
  const name = given === undefined ? brokerVariables.url : "--broker";
  if (text === undefined)
    throw new InputError(
      `--broker: missing. Give the broker's address (${expected}), or set ${brokerVariables.url}.`,
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = kinds[url?.protocol ?? ""];
  if (url === undefined || kind === undefined || url.hostname === "")
    throw new InputError(`${name}: expected an address with a host name that begins with ${expected}.`);
  if (![url.hostname, url.username, url.password, url.pathname].every(isEncoded))
    throw new InputError(
      `${name}: in an address, % introduces an encoded UTF-8 character; write %25 for a percent sign.`,
    );
  const included = takePassword(url, name);
  if (given !== undefined && included !== "")
    throw new InputError(
      "--broker: the address contains a password, and every user of this machine can see command lines. " +
        `Remove it and set ${brokerVariables.password} or ${brokerVariables.passwordFile} (a file that holds it), ` +
        `or set ${brokerVariables.url} to the whole address. Treat this password as disclosed.`,
    );
  const shown = url.href;
  const password = separatePassword(environment) ?? included;
  const tls = takeTls(url, name, environment);
  url.password = encodeURIComponent(password);
  return {
    kind,
    url: url.href,
    shown,
    redact: redacting([password, url.password, encodeURIComponent(password)]),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Removes the password from an address, from either place where it may stand. */
function takePassword(url: URL, name: string): string {
  try {
    const password = decodeURIComponent(url.password) || (url.searchParams.get("password") ?? "");
    url.password = "";
    url.searchParams.delete("password");
    return password;
  } catch {
    throw new InputError(
      `${name}: the password contains a % that does not introduce an encoded character; write %25 for a percent sign.`,
    );
  }
}

function separatePassword(environment: Environment): string | undefined {
  const path = environment[brokerVariables.passwordFile];
  return path === undefined
    ? environment[brokerVariables.password]
    : readVariable(brokerVariables.passwordFile, path).trimEnd();
}

/**
 * Removes the parameters for TLS that its driver would read from an address. The drivers differ in the meaning of
 * `require` and similar values, so there is one kind of TLS here: the certificate and the name in it are verified.
 */
function takeTls(url: URL, name: string, environment: Environment): Tls | undefined {
  let wanted = url.protocol === "rediss:";
  if (wanted) url.protocol = "redis:";
  else if (url.protocol !== "redis:") {
    const mode = url.searchParams.get("sslmode") ?? "disable";
    if (mode !== "disable" && mode !== "verify-full")
      throw new InputError(
        `${name}: sslmode=${mode}: expected verify-full (TLS, with the server's certificate and name verified) or disable.`,
      );
    wanted = mode === "verify-full";
    url.searchParams.delete("sslmode");
  }
  const other = [...url.searchParams.keys()].find((key) => /^(ssl|tls|uselibpqcompat)/i.test(key));
  if (other !== undefined)
    throw new InputError(
      `${name}: ${other}: not supported in an address; set ${brokerVariables.caFile} to a file with the certificate.`,
    );
  const path = environment[brokerVariables.caFile];
  if (!wanted && path !== undefined)
    throw new InputError(
      `${brokerVariables.caFile}: set, but ${name} does not use TLS. Begin the address with rediss://, or end it with ?sslmode=verify-full.`,
    );
  if (!wanted) return undefined;
  if (path === undefined) return {};
  const ca = readVariable(brokerVariables.caFile, path);
  if (!ca.includes("-----BEGIN CERTIFICATE-----"))
    throw new InputError(`${brokerVariables.caFile}: ${path}: expected certificates in PEM.`);
  return { ca };
}

function readVariable(variable: string, path: string): string {
  return readText(path, limits.settings, `${variable}: ${path}`);
}

function redacting(passwords: readonly string[]): (text: string) => string {
  const forms = [...new Set(passwords)].filter((form) => form !== "");
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, "***"), text);
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where the broker is. A password never stands on the command line, where every user of the machine can read it, nor in
 * a log: it comes from the environment or from a file.
 */
import { readFileSync } from "node:fs";
import { fileProblem, InputError } from "../../run/errors.ts";

export interface BrokerAddress {
  readonly kind: "redis" | "postgres";
  /** With the password. */
  readonly url: string;
  /** Without it. */
  readonly shown: string;
  /** A text, such as a driver's error, without the password. */
  redact(text: string): string;
}

export const brokerVariables = {
  url: "SGMRL_BROKER",
  password: "SGMRL_BROKER_PASSWORD",
  passwordFile: "SGMRL_BROKER_PASSWORD_FILE",
} as const;

const kinds: Readonly<Record<string, BrokerAddress["kind"]>> = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

const expected = "redis://, rediss:// (TLS), postgres:// or postgresql://";

/** The address given on the command line, or else the one of the environment. */
export function brokerAddress(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): BrokerAddress {
  const text = given ?? environment[brokerVariables.url];
  const name = given === undefined ? brokerVariables.url : "--broker";
  if (text === undefined)
    throw new InputError(
      `--broker: missing. Give an address (${expected}), or set ${brokerVariables.url} to one.`,
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = kinds[url?.protocol ?? ""];
  if (url === undefined || kind === undefined)
    throw new InputError(`${name}: expected an address that begins with ${expected}.`);
  if (given !== undefined && passwordOf(url) !== "")
    throw new InputError(
      "--broker: there is a password in the address, and command lines are visible to every user of this machine. " +
        `Leave it out, and set ${brokerVariables.password} or ${brokerVariables.passwordFile} (a file that holds it), ` +
        `or set ${brokerVariables.url} to the whole address. Consider this password as disclosed.`,
    );
  const separate = separatePassword(environment);
  if (separate !== undefined) url.password = encodeURIComponent(separate);
  return { kind, url: url.href, shown: withoutPassword(url), redact: redacting(url) };
}

function separatePassword(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const path = environment[brokerVariables.passwordFile];
  if (path === undefined) return environment[brokerVariables.password];
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    throw new InputError(`${brokerVariables.passwordFile}: ${path}: ${fileProblem(error)}.`);
  }
}

function passwordOf(url: URL): string {
  return url.password || (url.searchParams.get("password") ?? "");
}

function withoutPassword(url: URL): string {
  const shown = new URL(url);
  shown.password = "";
  shown.searchParams.delete("password");
  return shown.href;
}

function redacting(url: URL): (text: string) => string {
  const password = passwordOf(url);
  const forms = [password, decodeURIComponent(password)].filter((form) => form !== "");
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, "***"), text);
}

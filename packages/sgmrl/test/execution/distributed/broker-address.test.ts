// Passwords: never on the command line, never in a text that is shown.
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { brokerAddress } from "../../../src/execution/distributed/broker-address.ts";
import { emptyFolder } from "../../support/runs.ts";

it("refuses a password on the command line, without repeating it", () => {
  for (const given of [
    "redis://:hunter2@host",
    "postgres://user:hunter2@host/db",
    "postgres://host/db?password=hunter2",
  ]) {
    expect(() => brokerAddress(given, {})).toThrow("can see command lines");
    expect(() => brokerAddress(given, {})).not.toThrow("hunter2");
  }
});

it("takes the password from the environment, from a file, or with the whole address", () => {
  const file = `${emptyFolder()}/password`;
  writeFileSync(file, "p@ss/word\n");
  const expected = "redis://:p%40ss%2Fword@host:6380";
  expect(brokerAddress("redis://host:6380", { SGMRL_BROKER_PASSWORD: "p@ss/word" }).url).toBe(expected);
  expect(brokerAddress("redis://host:6380", { SGMRL_BROKER_PASSWORD_FILE: file }).url).toBe(expected);
  expect(brokerAddress(undefined, { SGMRL_BROKER: expected }).url).toBe(expected);
});

it("shows the address without the password, and redacts errors, in either spelling", () => {
  const { shown, redact } = brokerAddress("rediss://me@host", { SGMRL_BROKER_PASSWORD: "p@ss" });
  expect(shown).toBe("rediss://me@host");
  expect(redact("cannot use p@ss or p%40ss")).toBe("cannot use *** or ***");
  const inQuery = brokerAddress(undefined, { SGMRL_BROKER: "postgres://host/db?password=p%40ss&x=1" });
  expect(inQuery.shown).toBe("postgres://host/db?x=1");
  expect(inQuery.redact("p@ss")).toBe("***");
});

it("has one password, wherever it came from", () => {
  const inQuery = { SGMRL_BROKER: "postgres://me@host/db?password=old&application_name=x" };
  const { url, redact } = brokerAddress(undefined, { ...inQuery, SGMRL_BROKER_PASSWORD: "new" });
  expect(url).toBe("postgres://me:new@host/db?application_name=x");
  expect(brokerAddress(undefined, inQuery).url).toBe("postgres://me:old@host/db?application_name=x");
  expect(redact("old new")).toBe("old ***");
});

it("asks for TLS by rediss:// and sslmode=verify-full, with the authorities of a file", () => {
  const file = `${emptyFolder()}/ca.pem`;
  const ca = "-----BEGIN CERTIFICATE-----\n…\n";
  writeFileSync(file, ca);
  const environment = { SGMRL_BROKER_CA_FILE: file };
  expect(brokerAddress("rediss://host", environment)).toMatchObject({ url: "redis://host", tls: { ca } });
  expect(brokerAddress("postgres://host/db?sslmode=verify-full", environment)).toMatchObject({
    url: "postgres://host/db",
    shown: "postgres://host/db?sslmode=verify-full",
    tls: { ca },
  });
  expect(brokerAddress("rediss://host", {}).tls).toEqual({});
  for (const plain of ["redis://host", "postgres://host/db", "postgres://host/db?sslmode=disable"]) {
    expect(brokerAddress(plain, {}).tls).toBeUndefined();
    expect(() => brokerAddress(plain, environment)).toThrow("does not use TLS");
  }
});

it("takes no half measures of TLS", () => {
  for (const mode of ["require", "prefer", "verify-ca", "no-verify"])
    expect(() => brokerAddress(`postgres://host/db?sslmode=${mode}`, {})).toThrow("expected verify-full");
  for (const rest of ["sslrootcert=a", "ssl=0", "uselibpqcompat=true", "tls=false"])
    expect(() => brokerAddress(`postgres://host/db?sslmode=verify-full&${rest}`, {})).toThrow(
      "not supported in an address",
    );
  expect(() => brokerAddress("rediss://host?tls=false", {})).toThrow("not supported in an address");
  const empty = `${emptyFolder()}/ca.pem`;
  writeFileSync(empty, "");
  const file = (path: string) => () => brokerAddress("rediss://host", { SGMRL_BROKER_CA_FILE: path });
  expect(file(empty)).toThrow("expected certificates in PEM");
  expect(file("/no/such")).toThrow("SGMRL_BROKER_CA_FILE: /no/such: no such file");
});

it("says what is missing or wrong", () => {
  expect(() => brokerAddress(undefined, {})).toThrow("--broker: missing");
  expect(() => brokerAddress("amqp://host", {})).toThrow("begins with redis://");
  for (const odd of ["postgres://%ff", "redis://u%zz@host", "postgres://host/a%", "redis://host/%c3%28"])
    expect(() => brokerAddress(odd, {}), odd).toThrow(InputError);
  expect(() => brokerAddress("host:6379", {})).toThrow("begins with redis://");
  expect(() => brokerAddress("redis://", {})).toThrow("with a host");
  expect(() => brokerAddress(undefined, { SGMRL_BROKER: "redis://:50%off@host" })).toThrow("%25");
  expect(() => brokerAddress("redis://host", { SGMRL_BROKER_PASSWORD_FILE: "/no/such" })).toThrow(
    "no such file",
  );
});

// Passwords: never on the command line, never in a text that is shown.
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { brokerAddress } from "../../../src/engine/distributed/broker-address.ts";
import { emptyFolder } from "../../support/runs.ts";

it("refuses a password on the command line, without repeating it", () => {
  for (const given of [
    "redis://:hunter2@host",
    "postgres://user:hunter2@host/db",
    "postgres://host/db?password=hunter2",
  ]) {
    expect(() => brokerAddress(given, {})).toThrow("command lines are visible");
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

it("says what is missing or wrong", () => {
  expect(() => brokerAddress(undefined, {})).toThrow("--broker: missing");
  expect(() => brokerAddress("amqp://host", {})).toThrow("begins with redis://");
  expect(() => brokerAddress("host:6379", {})).toThrow("begins with redis://");
  expect(() => brokerAddress("redis://host", { SGMRL_BROKER_PASSWORD_FILE: "/no/such" })).toThrow(
    "no such file",
  );
});

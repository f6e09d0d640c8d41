// TLS and credentials, with real processes and servers: Postgres from npm, and Redis where a redis-server with TLS is installed.
// A run over TLS by a user with no more rights than docs/distributed.md lists; what goes wrong, said so that it can be
// mended; and the password in no output, no file and nothing that the broker is told.
import { once } from "node:events";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { brokerAddress } from "../../../src/execution/distributed/broker-address.ts";
import { connect } from "../../../src/execution/distributed/connect.ts";
import { Patience } from "../../../src/execution/distributed/patience.ts";
import { train } from "../../../src/training/train.ts";
import type { TestBroker } from "../../support/distributed/broker.ts";
import {
  type Authority,
  createAuthority,
  type ServerCertificate,
} from "../../support/distributed/certificates.ts";
import { coordinate } from "../../support/distributed/coordinate.ts";
import { startPostgres } from "../../support/distributed/postgres.ts";
import { buildChildren, type Children } from "../../support/distributed/processes.ts";
import { redisSpeaksTls, startRedis } from "../../support/distributed/redis.ts";
import { config, fingerprint } from "../../support/distributed/settings.ts";
import { emptyFolder, filesOf, quadraticUnits } from "../../support/runs.ts";

const timeout = 600_000; // seconds on an idle machine
const documentation = readFileSync(
  fileURLToPath(new URL("../../../../../docs/distributed.md", import.meta.url)),
  "utf8",
);
const folder = emptyFolder();
const caFile = join(folder, "authority.pem");
const otherCaFile = join(folder, "other-authority.pem");

let authority: Authority;
let certificate: ServerCertificate;
let children: Children;

beforeAll(async () => {
  authority = await createAuthority();
  certificate = await authority.issue("localhost");
  writeFileSync(caFile, authority.certificate);
  writeFileSync(otherCaFile, (await createAuthority()).certificate);
  children = await buildChildren();
}, timeout);
afterAll(() => children.close(), timeout);

const placeholder = "a-long-random-password";

/** A line, or lines, of an example in the documentation, with the user's password in its place. */
function documented(pattern: RegExp, password: string): string {
  const [text] = pattern.exec(documentation) ?? expect.fail(`docs/distributed.md: no ${pattern}`);
  expect(text).toContain(placeholder);
  return text.replace(placeholder, password);
}

/** The server as its administrator has set it up by the documentation; the password is that of the user sgmrl. */
async function securePostgres(): Promise<TestBroker> {
  const server = await startPostgres({ tls: certificate });
  const password = `user-${server.password}`;
  const statements = documented(/^CREATE ROLE .*\n^CREATE DATABASE .*$/m, password).replaceAll(
    "sgmrl",
    "plain",
  );
  const address = brokerAddress(server.url, {
    SGMRL_BROKER_PASSWORD: server.password,
    SGMRL_BROKER_CA_FILE: caFile,
  });
  await new Patience(address, 10_000, () => {}).persist(async () => {
    const client = new Client({ connectionString: address.url, ssl: address.tls ?? false });
    try {
      await client.connect(); // once it has started up
      for (const statement of statements.split("\n")) await client.query(statement);
    } finally {
      await client.end();
    }
  });
  const url = server.url.replace("sgmrl@", "plain@").replace("/postgres?", "/plain?");
  return { ...server, url, password };
}

const administrator = "administrator";

const secureRedis = (): Promise<TestBroker> =>
  startRedis({
    tls: certificate,
    users: (password) =>
      `user default off\n${documented(/^user sgmrl .*$/m, password)}\nuser ${administrator} on >${administrator} ~* &* +@all`,
  });

const brokers = [
  { name: "Postgres", start: securePostgres, plain: startPostgres, installed: true },
  { name: "Redis", start: secureRedis, plain: startRedis, installed: redisSpeaksTls() },
];

for (const { name, start, plain, installed } of brokers)
  describe.skipIf(!installed)(`over ${name} with TLS`, { timeout }, () => {
    let broker: TestBroker;
    /** Without TLS. */
    let other: TestBroker;
    let passwordFile: string;
    beforeAll(async () => {
      [broker, other] = await Promise.all([start(), plain()]);
      passwordFile = join(emptyFolder(), "password");
      writeFileSync(passwordFile, `${broker.password}\n`);
    }, timeout);
    afterAll(() => Promise.all([broker.close(), other.close()]), timeout);

    it("gives the bytes of a run in threads, to a user with the documented rights, and repeats no password", async () => {
      const environment = { SGMRL_BROKER_CA_FILE: caFile };
      const worker = children.worker(
        broker,
        folder,
        {},
        {
          ...environment,
          SGMRL_BROKER_PASSWORD: undefined,
          SGMRL_BROKER_PASSWORD_FILE: passwordFile,
        },
      );
      const lines: string[] = [];
      const { files } = await coordinate(broker.url, broker.password, `${emptyFolder()}/run`, {
        environment,
        log: (text) => lines.push(text),
      });
      const threads = await train(config, `${emptyFolder()}/run`, { workers: 2, units: quadraticUnits });
      expect(filesOf(files.root)).toEqual(filesOf(threads.files.root));
      worker.process.kill("SIGTERM");
      expect(await worker.exited).toEqual([0, null]);
      expect(worker.output()).toContain("drained");
      expect(lines.join("\n")).not.toMatch(/NOPERM|permission denied|could not/);

      const told = contentOf(broker.data);
      expect(told).toContain(fingerprint.code); // it is all there: jobs come and go, the logs of what was written stay
      for (const text of [told, worker.output(), lines.join("\n"), contentOf(files.root)])
        expect(text.includes(broker.password)).toBe(false);
    });

    it("refuses what it cannot trust and what it is not let into, and says how to mend it", async () => {
      const { password } = broker;
      const here = { SGMRL_BROKER_CA_FILE: caFile, SGMRL_BROKER_PASSWORD: password };
      const cases: readonly Case[] = [
        { says: /set SGMRL_BROKER_CA_FILE/, environment: { ...here, SGMRL_BROKER_CA_FILE: otherCaFile } },
        { says: /set SGMRL_BROKER_CA_FILE/, environment: { ...here, SGMRL_BROKER_CA_FILE: undefined } },
        {
          says: /certificate is for another host/,
          url: broker.url.replace("localhost", "127.0.0.1"),
          environment: here,
        },
        {
          says: /Set SGMRL_BROKER_PASSWORD/,
          environment: { ...here, SGMRL_BROKER_PASSWORD: "wrong-password" },
        },
        { says: /Set SGMRL_BROKER_PASSWORD/, environment: { ...here, SGMRL_BROKER_PASSWORD: undefined } },
        {
          says: /requires TLS|only one side uses TLS/,
          url: broker.url.replace("rediss:", "redis:").replace(/\?.*/, ""),
          environment: { SGMRL_BROKER_PASSWORD: password },
        },
        {
          says: /does not use TLS|only one side uses TLS/,
          url: broker.url.replace(/:\d+/, `:${new URL(other.url).port}`),
          environment: here,
        },
      ];
      await Promise.all(
        cases.map(async ({ says, url = broker.url, environment }) => {
          const error = await refusal(url, environment);
          expect(error.message).toMatch(says);
          for (const secret of [password, "wrong-password"]) expect(inspect(error)).not.toContain(secret);
        }),
      );
    });

    it("ends processes that are not let in, with the password in no output", async () => {
      const wrong = [
        { SGMRL_BROKER_CA_FILE: otherCaFile },
        { SGMRL_BROKER_CA_FILE: caFile, SGMRL_BROKER_PASSWORD: `${broker.password}-not` },
      ];
      const workers = wrong.map((environment) => children.worker(broker, folder, {}, environment));
      for (const worker of workers) {
        expect(await worker.exited, worker.output()).toEqual([1, null]);
        expect(worker.output()).toMatch(/set SGMRL_BROKER/i);
        expect(worker.output()).not.toContain(broker.password);
      }
      const failing = coordinate(broker.url, broker.password, `${emptyFolder()}/run`, {
        environment: { SGMRL_BROKER_CA_FILE: otherCaFile },
      });
      await expect(failing).rejects.toThrow(InputError);
      await expect(failing).rejects.toThrow("set SGMRL_BROKER_CA_FILE");
    });
  });

interface Case {
  readonly says: RegExp;
  readonly url?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How the first thing that is asked of a broker fails. */
async function refusal(url: string, environment: Case["environment"]): Promise<Error> {
  const address = brokerAddress(url, environment);
  const broker = await connect(address, new Patience(address, 2_000, () => {}));
  const error: unknown = await broker.now().then(
    () => expect.fail(`${url}: no error`),
    (reason) => reason,
  );
  await broker.disconnect();
  return error as Error; // brokers reject with errors
}

describe.skipIf(!redisSpeaksTls())("the documented user of Redis", { timeout }, () => {
  it("is let into nothing beyond the queue and the store", async () => {
    const broker = await secureRedis();
    const { url, tls } = brokerAddress(broker.url, {
      SGMRL_BROKER_PASSWORD: broker.password,
      SGMRL_BROKER_CA_FILE: caFile,
    });
    const user = new Redis(url, { tls: tls! });
    try {
      await user.set("sgmrl:key", "value");
      for (const command of [
        "KEYS *",
        "FLUSHALL",
        "CONFIG GET *",
        "ACL LIST",
        "SET other 1",
        "GET other",
        "SHUTDOWN",
      ]) {
        const [word, ...rest] = command.split(" ");
        await expect(user.call(word!, ...rest), command).rejects.toThrow("NOPERM");
      }
    } finally {
      user.disconnect();
      await broker.close();
    }
  });
});

it("names an expired certificate as such", async () => {
  const { certificate: cert, key } = await authority.issue("localhost", 0.5);
  const server = createServer({ cert, key }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" ? bound?.port : undefined;
  const error = await refusal(`rediss://localhost:${port}`, { SGMRL_BROKER_CA_FILE: caFile });
  expect(error.message).toContain("Renew the server's certificate");
  server.close();
});

function contentOf(directory: string): string {
  const files = globSync("**/*", { cwd: directory }).map((path) => join(directory, path));
  return files.map((file) => (statSync(file).isFile() ? readFileSync(file, "latin1") : "")).join("\n");
}

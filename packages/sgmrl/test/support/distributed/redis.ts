/** A Redis server for tests: one that is there by REDIS_URL, or one started from a redis-server that is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerSettings, TestBroker } from "./broker.ts";
import { answering, freePort } from "./postgres.ts";

export function redisInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** TLS is an option of its build. This one is asked to listen nowhere, and says so, or that it knows no such setting. */
export function redisSpeaksTls(): boolean {
  const { stdout, stderr } = spawnSync("redis-server", ["--port", "0", "--tls-port", "0"], {
    encoding: "utf8",
  });
  return redisInstalled() && !`${stdout}${stderr}`.includes("Bad directive");
}

export interface RedisSettings extends ServerSettings {
  /** Makes lines of redis.conf that give the user of the tests, sgmrl, its rights. */
  readonly users?: (password: string) => string;
}

export async function startRedis({ tls, users }: RedisSettings = {}): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-redis-"));
  const port = await freePort();
  const password = randomBytes(12).toString("hex");
  const data = join(folder, "data");
  mkdirSync(data);
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  const listen =
    tls === undefined
      ? [`port ${port}`]
      : [
          "port 0",
          `tls-port ${port}`,
          `tls-cert-file ${write("server.crt", tls.certificate)}`,
          `tls-key-file ${write("server.key", tls.key)}`,
          "tls-auth-clients no",
        ];
  const settings = write(
    "redis.conf",
    [
      "bind 127.0.0.1",
      ...listen,
      users === undefined ? `requirepass ${password}` : users(password),
      `dir ${data}`,
      'save ""',
      "appendonly yes",
      "maxmemory-policy noeviction",
      "",
    ].join("\n"),
  );
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    server = spawn("redis-server", [settings], { stdio: "ignore" });
    await answering(port, server);
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  await start();
  return {
    kind: "redis",
    url: `${tls === undefined ? "redis" : "rediss"}://${users === undefined ? "" : "sgmrl@"}${tls === undefined ? "127.0.0.1" : "localhost"}:${port}`,
    password,
    data,
    start,
    kill: () => stop("SIGKILL"),
    async close() {
      await stop("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

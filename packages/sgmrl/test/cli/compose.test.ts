// docs/compose.yaml without containers: its commands and variables are those of the command line, its user is the one that
// the documentation describes, and the commands themselves work, where redis-server is installed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { runCommandLine } from "../../src/cli/program.ts";
import { brokerVariables } from "../../src/execution/distributed/broker-address.ts";
import { answering, freePort } from "../support/distributed/postgres.ts";
import { redisInstalled } from "../support/distributed/redis.ts";
import { emptyFolder } from "../support/runs.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const service = z.strictObject({
  image: z.string(),
  command: z.union([z.string(), z.array(z.string())]),
  working_dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  restart: z.string().optional(),
  stop_signal: z.string().optional(),
  stop_grace_period: z.string().optional(),
});
const file = z.strictObject({
  services: z.strictObject({ redis: service, install: service, worker: service }),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  volumes: z.record(z.string(), z.null()),
});
const { services, secrets, volumes } = file.parse(
  parse(readFileSync(join(root, "docs/compose.yaml"), "utf8")),
);
const documentation = readFileSync(join(root, "docs/distributed.md"), "utf8");

const workerWords = String(services.worker.command).split(" ");
const workerOptions = workerWords.slice(workerWords.indexOf("worker"));
/** What the shell of the container runs; compose makes one $ of two. */
const redisScript = String(services.redis.command[2]).replaceAll("$$", "$");

it("names what there is: secrets, volumes, services, variables, the script, options of the command line", async () => {
  for (const { secrets: used, volumes: mounted, depends_on, environment } of Object.values(services)) {
    for (const secret of used) expect(Object.keys(secrets)).toContain(secret);
    for (const [name] of mounted.map((volume) => volume.split(":")))
      expect([...Object.keys(volumes), ".."]).toContain(name);
    for (const name of Object.keys(depends_on)) expect(Object.keys(services)).toContain(name);
    for (const name of Object.keys(environment)) expect(Object.values(brokerVariables)).toContain(name);
  }
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(`node_modules/.bin/${scripts.sgmrl}`).toBe(workerWords.slice(0, 3).join(" "));
  expect(services.install.command).toBe("npx -y pnpm@12 install");

  let help = "";
  const out = (text: string): void => {
    help += text;
  };
  await runCommandLine(["worker", "--help"], { out, err: out });
  for (const option of workerOptions.filter((word) => word.startsWith("--")))
    expect(help).toContain(`${option} `);
});

it("gives its user the rights that the documentation lists", () => {
  const users = (text: string): string[] =>
    (text.match(/user (default|sgmrl) .*/g) ?? []).map((line) =>
      line.replace(/>\$\([^)]*\)|>\S+/, ">").replace(/"$/, ""),
    );
  expect(users(redisScript)).toHaveLength(2);
  expect(users(documentation)).toEqual(users(redisScript));
});

it.skipIf(!redisInstalled())(
  "has commands that work: a broker, a worker, and a run over them",
  async () => {
    const folder = emptyFolder();
    const [port, data, password] = [await freePort(), join(folder, "data"), join(folder, "broker-password")];
    mkdirSync(data);
    writeFileSync(password, "a-password\n");
    const children: ChildProcess[] = [];
    const start = (command: string, ...words: string[]): ChildProcess => {
      const child = spawn(command, words, {
        cwd: root,
        env: { ...process.env, SGMRL_BROKER_PASSWORD_FILE: password },
        stdio: ["ignore", "ignore", "pipe"],
        detached: true, // a group of its own, with what a shell starts in it
      });
      children.push(child);
      return child;
    };
    const broker = `redis://sgmrl@127.0.0.1:${port}`;
    const [main, conditions] = [workerWords[2]!, workerWords[1]!];
    try {
      const script = redisScript
        .replace("/run/secrets/broker-password", password)
        .replace("exec redis-server -", `exec redis-server - --port ${port} --bind 127.0.0.1 --dir ${data}`);
      await answering(port, start("sh", "-c", script));
      const options = workerOptions.map((word) => word.replace("redis://sgmrl@redis", broker));
      expect(options).toContain(broker);
      const worker = start(process.execPath, conditions, main, ...options, "--concurrency", "1");
      const short = "--preset needle --iterations 2 --evaluate-tasks 2 --final-tasks 2 --no-report --json";
      const engine = ["--engine", "bullmq", "--broker", broker];
      const out = join(folder, "run");
      const run = start(
        process.execPath,
        conditions,
        main,
        "train",
        ...short.split(" "),
        ...engine,
        "--out",
        out,
      );
      let err = "";
      run.stderr!.on("data", (text) => {
        err += text;
      });
      expect(await once(run, "exit"), err).toEqual([0, null]);
      const ended = once(worker, "exit");
      worker.kill(services.worker.stop_signal as NodeJS.Signals); // one of them, by the next line
      expect(await ended).toEqual([0, null]);
    } finally {
      for (const { pid } of children) endGroup(pid!);
    }
  },
  120_000,
);

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

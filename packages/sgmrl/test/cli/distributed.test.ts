// The command line of several machines, as far as it needs no broker.
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { emptyFolder } from "../support/runs.ts";

async function run(...args: string[]): Promise<{ code: number; err: string }> {
  let err = "";
  const code = await runCommandLine(args, {
    out: () => {},
    err: (text) => {
      err += `${text}\n`;
    },
  });
  return { code, err };
}

describe("the command line", () => {
  it("refuses a password in an address, and does not repeat it", async () => {
    for (const command of [["worker"], ["train", "--engine", "bullmq", "--out", `${emptyFolder()}/run`]]) {
      const { code, err } = await run(...command, "--broker", "redis://:hunter2@localhost");
      expect(code).toBe(2);
      expect(err).toContain("SGMRL_BROKER_PASSWORD");
      expect(err).not.toContain("hunter2");
    }
  });

  it("asks for a broker where one is needed, and refuses one where it is not", async () => {
    const out = `${emptyFolder()}/run`;
    expect((await run("train", "--engine", "bullmq", "--out", out)).err).toContain("--broker: missing");
    expect((await run("train", "--broker", "redis://localhost", "--out", out)).err).toContain(
      "needs --engine bullmq",
    );
    expect((await run("train", "--engine", "ray", "--out", out)).err).toContain("threads or bullmq");
    expect((await run("train", "--tasks-per-job", "3", "--out", out)).err).toContain("power of two");
    expect((await run("train", "--tasks-per-job", "4", "--out", out)).err).toContain(
      "--tasks-per-job: needs --engine bullmq",
    );
    const both = ["--engine", "bullmq", "--broker", "redis://localhost", "--workers", "3"];
    expect((await run("train", ...both, "--out", out)).err).toContain("sgmrl worker --concurrency");
  });
});

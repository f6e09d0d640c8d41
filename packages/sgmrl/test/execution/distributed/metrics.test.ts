import { get } from "node:http";
import { expect, it } from "vitest";
import {
  coordinatorMetrics,
  serveMetrics,
  workerMetrics,
} from "../../../src/execution/distributed/metrics.ts";

/** The answer to a request whose Host header says what a browser was told. */
const statusUnder = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path: "/metrics", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });

const status = {
  workers: 3,
  slots: 12,
  foreignWorkers: 1,
  unitsDone: 40,
  unitsPerSecond: 2.5,
  redeliveries: 2,
  damagedResults: 0,
  republishedGroups: 0,
  outstandingGroups: 5,
  oldestOutstandingSeconds: 1.5,
};

it("serves the status of the moment to Prometheus", async () => {
  let current = status;
  const server = await serveMetrics(
    coordinatorMetrics(() => current),
    0,
  );
  const read = async (): Promise<string> => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  try {
    expect(await read()).toContain("\nsgmrl_workers 3\n");
    current = { ...status, workers: 2 };
    expect(await read()).toContain("\nsgmrl_workers 2\n");
    expect(await read()).toContain("\nsgmrl_oldest_outstanding_seconds 1.5\n");
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: "POST" })).status).toBe(405);
    for (const [host, expected] of [
      ["localhost", 200],
      [`127.0.0.1:${server.port}`, 200],
      ["attacker.example", 421],
      ["127.0.0.1.attacker.example", 421],
    ] as const)
      expect(await statusUnder(host, server.port), host).toBe(expected);
    await expect(
      serveMetrics(
        coordinatorMetrics(() => current),
        server.port,
      ),
    ).rejects.toThrow("--metrics-port");
  } finally {
    await server.close();
  }
});

it("counts what a worker has done", async () => {
  const metrics = workerMetrics();
  metrics.group(4, 250, 1);
  metrics.group(4, 750, 2);
  const text = await metrics.registry.metrics();
  expect(text).toContain("\nsgmrl_worker_units_total 8\n");
  expect(text).toContain("\nsgmrl_worker_redelivered_groups_total 1\n");
  expect(text).toContain("\nsgmrl_worker_compute_seconds_total 1\n");
});

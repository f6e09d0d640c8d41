/** What an administrator of a test's broker can see and do. */
import { Redis } from "ioredis";
import { Client } from "pg";
import type { TestBroker } from "./broker.ts";

export interface Administrator {
  /** What a run left behind: jobs, events, tables, keys, marks. The marks of living workers do not count. */
  leftovers(): Promise<readonly string[]>;
  /** Removes all jobs and results, as if the broker had lost its memory. */
  forget(): Promise<void>;
  /** From now on, nothing can be written for lack of room. */
  fill(): Promise<void>;
  /** There is room again. */
  clear(): Promise<void>;
  /** Whether Redis throws away what it has no room for. Postgres never does. */
  evict(on: boolean): Promise<void>;
  /** Marks that nobody of ours wrote: what cannot be parsed, ids that are none, text that a terminal would act on. */
  plant(): Promise<void>;
  /** Takes them away again. */
  weed(): Promise<void>;
}

const controls = "\u001b[2J\u001b]0;owned\u0007";
const hostileRecords: readonly unknown[] = [
  null,
  "text",
  [1],
  {
    fingerprint: { code: controls, node: "", architecture: "", formats: "" },
    host: controls,
    pid: 1,
    experiment: {},
  },
  { fingerprint: null, host: controls, pid: -1 },
];
const hostileIds: readonly string[] = [
  'a"; DROP TABLE sgmrl.mark; --',
  "a:b",
  "",
  "../../x",
  controls,
  "f".repeat(16),
];

export function administrator({ kind, url, password }: TestBroker): Administrator {
  return kind === "postgres" ? ofPostgres(url, password) : ofRedis(url, password);
}

function ofPostgres(url: string, password: string): Administrator {
  const query = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url.replace("@", `:${password}@`) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const resultTables = async (): Promise<string[]> => {
    const rows = await query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sgmrl' AND table_name LIKE 'result_%'",
    );
    return rows.map((row) => String(row.table_name));
  };
  return {
    async leftovers() {
      const rows = await query(`
        SELECT 'job ' || id AS what FROM bullmq.job
        UNION ALL SELECT 'event ' || event FROM bullmq.event
        UNION ALL SELECT 'meta ' || field FROM bullmq.meta
        UNION ALL SELECT 'mark ' || kind FROM sgmrl.mark WHERE kind <> 'worker'
        UNION ALL SELECT 'table ' || table_name FROM information_schema.tables
          WHERE table_schema = 'sgmrl' AND table_name <> 'mark'`);
      return rows.map(({ what }) => String(what));
    },
    async forget() {
      for (const result of await resultTables())
        await query(`DROP TABLE sgmrl."${result}", sgmrl."${result.replace("result", "round")}"`);
      await query("DELETE FROM bullmq.job");
    },
    /** The server's own error for a full disk, raised by the server for each write of a result. */
    async fill() {
      await query(`CREATE OR REPLACE FUNCTION sgmrl.full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`);
      for (const table of await resultTables())
        await query(`CREATE TRIGGER full_disk BEFORE INSERT ON sgmrl."${table}"
          FOR EACH ROW EXECUTE FUNCTION sgmrl.full_disk()`);
    },
    clear: async () => void (await query("DROP FUNCTION sgmrl.full_disk CASCADE")),
    evict: async () => {},
    async plant() {
      for (const kind of ["run", "worker"])
        for (const [i, id] of [...hostileIds, ...hostileRecords.map((_, k) => `${k}`.repeat(16))].entries())
          await query(
            "INSERT INTO sgmrl.mark VALUES ($1, $2, 'planted', $3, clock_timestamp() + interval '1 hour')",
            [kind, id, JSON.stringify(hostileRecords[i % hostileRecords.length])],
          );
    },
    weed: async () => void (await query("DELETE FROM sgmrl.mark WHERE token = 'planted'")),
  };
}

function ofRedis(url: string, password: string): Administrator {
  const using = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { password });
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  return {
    leftovers: () =>
      using(async (redis) => (await redis.keys("*")).filter((key) => !key.startsWith("sgmrl:worker"))),
    forget: () => using(async (redis) => void (await redis.flushall())),
    fill: () => using(async (redis) => void (await redis.config("SET", "maxmemory", "1"))),
    clear: () => using(async (redis) => void (await redis.config("SET", "maxmemory", "0"))),
    evict: (on) =>
      using(
        async (redis) =>
          void (await redis.config("SET", "maxmemory-policy", on ? "allkeys-lru" : "noeviction")),
      ),
    plant: () =>
      using(async (redis) => {
        for (const kind of ["run", "worker"]) {
          const ids = [...hostileIds, ...hostileRecords.map((_, k) => `${k}`.repeat(16))];
          await redis.sadd(`sgmrl:${kind}`, ...ids, "0123456789abcdef", "fedcba9876543210");
          for (const [i, id] of ids.entries())
            await redis.hset(`sgmrl:${kind}:${id}`, {
              token: "planted",
              record: JSON.stringify(hostileRecords[i % hostileRecords.length]),
            });
          await redis.set(`sgmrl:${kind}:0123456789abcdef`, "a text where a hash should be");
          await redis.hset(`sgmrl:${kind}:fedcba9876543210`, { token: "planted", record: "{not json" });
        }
      }),
    weed: () =>
      using(async (redis) => {
        for (const kind of ["run", "worker"]) {
          const ids = [...hostileIds, ...hostileRecords.map((_, k) => `${k}`.repeat(16))];
          for (const id of [...ids, "0123456789abcdef", "fedcba9876543210"]) {
            await redis.srem(`sgmrl:${kind}`, id);
            await redis.del(`sgmrl:${kind}:${id}`);
          }
        }
      }),
  };
}

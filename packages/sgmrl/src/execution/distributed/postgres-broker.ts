import { createPostgresBackend, Queue, QueueEvents, runMigrations, Worker } from "bullmq";
import { escapeIdentifier, Pool } from "pg";
import { type Broker, type Held, type MarkKind, skipMetasUpdate } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { isMarkId } from "./protocol.ts";

/** Key of the lock that serialises the creation of our tables: any number, the same for all. */
const creationLock = 5_317_104;
const undefinedTable = "42P01";
const foreignKeyViolation = "23503";

/**
 * Each run has two tables of its own, dropped at its end, so that no dead rows of gradients stay behind:
 *
 *   round  (id, theta)
 *   result (round → round.id, cascading; name; blob)    a result needs an open round, by the foreign key
 */
export function postgresBroker({ url, tls }: BrokerAddress, onError: (error: Error) => void): Broker {
  const connection = {
    connectionString: url,
    ssl: tls ?? false,
    schema: "bullmq",
    max: 4,
    connectionTimeoutMillis: 10_000,
  };
  const pool = new Pool(connection);
  pool.on("error", onError);
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await pool.query<Row>(text, [...values])).rows;
  const rounds = (run: string): string => `sgmrl.${escapeIdentifier(`round_${run}`)}`;
  const results = (run: string): string => `sgmrl.${escapeIdentifier(`result_${run}`)}`;

  return {
    lockClock: "workers",

    async now() {
      const [row] = await query("SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now");
      return Number(row!.now);
    },

    async prepare() {
      await runMigrations(pool, connection.schema);
      await query(
        `SELECT pg_advisory_xact_lock(${creationLock});
         CREATE SCHEMA IF NOT EXISTS sgmrl;
         CREATE TABLE IF NOT EXISTS sgmrl.mark (
           kind text, id text, token text NOT NULL, record jsonb NOT NULL, expires timestamptz NOT NULL,
           PRIMARY KEY (kind, id))`,
      );
    },

    check: async () => {},

    queue(name) {
      return listening(
        new Queue(name, { connection: { ...connection, max: 2 }, skipMetasUpdate }, createPostgresBackend),
        onError,
      );
    },

    queueEvents(name) {
      const options = { connection: { ...connection, max: 2 }, blockingTimeout: 200 };
      return listening(new QueueEvents(name, options, createPostgresBackend), onError);
    },

    worker(name, processor, { concurrency, lockMilliseconds, maxStalledCount }) {
      const options = {
        connection: { ...connection, max: concurrency + 2 },
        concurrency,
        lockDuration: lockMilliseconds,
        stalledInterval: lockMilliseconds / 2,
        maxStalledCount,
        drainDelay: 1,
        runRetryDelay: 500,
      };
      return listening(new Worker(name, processor, options, createPostgresBackend), onError);
    },

    hold: (kind, id, token, record, milliseconds) =>
      unlessMissing(false, async () => {
        const rows = await query(
          `INSERT INTO sgmrl.mark AS old VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms')
           ON CONFLICT (kind, id) DO UPDATE SET token = $3, record = $4, expires = excluded.expires
           WHERE old.token = $3 OR old.expires < clock_timestamp() RETURNING id`,
          [kind, id, token, JSON.stringify(record), milliseconds],
        );
        return rows.length === 1;
      }),

    async release(kind, id, token) {
      await query("DELETE FROM sgmrl.mark WHERE kind = $1 AND id = $2 AND token = $3", [kind, id, token]);
    },

    held: (kind: MarkKind) =>
      unlessMissing([], async () => {
        const rows = await query("SELECT * FROM sgmrl.mark WHERE kind = $1 AND expires > clock_timestamp()", [
          kind,
        ]);
        return rows
          .map(({ id, token, record }): Held => ({ id: String(id), token: String(token), record }))
          .filter(({ id }) => isMarkId(kind, id));
      }),

    async openRun(run) {
      await query(
        `CREATE TABLE IF NOT EXISTS ${rounds(run)} (id text PRIMARY KEY, theta bytea STORAGE EXTERNAL NOT NULL);
         CREATE TABLE IF NOT EXISTS ${results(run)} (
           round text REFERENCES ${rounds(run)} ON DELETE CASCADE, name text,
           blob bytea STORAGE EXTERNAL NOT NULL, PRIMARY KEY (round, name))`,
      );
    },

    async removeRun(run) {
      await query(`DROP TABLE IF EXISTS ${results(run)}, ${rounds(run)}`);
      await query("DELETE FROM sgmrl.mark WHERE expires < clock_timestamp()");
    },

    async openRound(run, round, theta) {
      await query(`INSERT INTO ${rounds(run)} VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
        round,
        buffer(theta),
      ]);
    },

    theta: (run, round) =>
      unlessMissing(undefined, async () => {
        const [row] = await query(`SELECT theta FROM ${rounds(run)} WHERE id = $1`, [round]);
        return row?.theta as Buffer | undefined; // bytea
      }),

    async put(run, round, group, blob) {
      try {
        const rows = await query(
          `INSERT INTO ${results(run)} VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name`,
          [round, group, buffer(blob)],
        );
        return rows.length === 1 ? "written" : "present";
      } catch (error) {
        if ([undefinedTable, foreignKeyViolation].includes(codeOf(error))) return "closed";
        throw error;
      }
    },

    blob: (run, round, group) =>
      unlessMissing(undefined, async () => {
        const [row] = await query(`SELECT blob FROM ${results(run)} WHERE round = $1 AND name = $2`, [
          round,
          group,
        ]);
        return row?.blob as Buffer | undefined; // bytea
      }),

    ready: (run, round, limit) =>
      unlessMissing(new Map(), async () => {
        const rows = await query(`SELECT name, blob FROM ${results(run)} WHERE round = $1 LIMIT $2`, [
          round,
          limit,
        ]);
        return new Map(rows.map(({ name, blob }) => [String(name), blob as Buffer])); // bytea
      }),

    remove: (run, round, groups) =>
      unlessMissing(undefined, async () => {
        await query(`DELETE FROM ${results(run)} WHERE round = $1 AND name = ANY ($2)`, [round, groups]);
      }),

    closeRound: (run, round) =>
      unlessMissing(undefined, async () => {
        await query(`DELETE FROM ${rounds(run)} WHERE id = $1`, [round]);
      }),

    disconnect: () => pool.end(),
  };
}

type Row = Readonly<Record<string, unknown>>;

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Tables come with the first run, and go with their run, or by an administrator's hand. */
async function unlessMissing<T>(fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === undefinedTable) return fallback;
    throw error;
  }
}

function listening<T extends { on(event: "error", listener: (error: Error) => void): unknown }>(
  emitter: T,
  onError: (error: Error) => void,
): T {
  emitter.on("error", onError);
  return emitter;
}

import { Queue, QueueEvents, Worker } from "bullmq";
import { Redis } from "ioredis";
import { type Broker, type Held, skipMetasUpdate } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { isMarkId } from "./protocol.ts";

/** Prefix of all keys, so that an ACL can be `~sgmrl:*`. */
const prefix = "sgmrl";

// Scripts run atomically. KEYS[1] is a mark, or the hash of a round.
const holdScript = `
  if redis.call("TYPE", KEYS[1]).ok ~= "hash" then redis.call("DEL", KEYS[1]) end
  if redis.call("TYPE", KEYS[2]).ok ~= "set" then redis.call("DEL", KEYS[2]) end
  local old = redis.call("HGET", KEYS[1], "token")
  if old and old ~= ARGV[1] then return 0 end
  redis.call("HSET", KEYS[1], "token", ARGV[1], "record", ARGV[2])
  redis.call("PEXPIRE", KEYS[1], ARGV[3])
  redis.call("SADD", KEYS[2], ARGV[4])
  return 1`;
const releaseScript = `
  if redis.call("HGET", KEYS[1], "token") == ARGV[1] then
    redis.call("DEL", KEYS[1])
    redis.call("SREM", KEYS[2], ARGV[2])
  end`;
const putScript = `
  if redis.call("HEXISTS", KEYS[1], "theta") == 0 then return "closed" end
  return redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2]) == 1 and "written" or "present"`;

/**
 *   sgmrl:<kind>:<id>             hash: token, record; expires             a mark
 *   sgmrl:<kind>                  set of ids                               which marks to look for
 *   sgmrl:rounds:<run>            set of rounds
 *   sgmrl:round:<run>:<round>     hash: theta, one field per group         a result needs an open round
 */
export function redisBroker({ url, tls }: BrokerAddress, onError: (error: Error) => void): Broker {
  const options = { retryStrategy: () => 200, ...(tls === undefined ? {} : { tls }) };
  const redis = new Redis(url, { ...options, maxRetriesPerRequest: 1 });
  redis.on("error", onError);
  const listening = <T extends { on(event: "error", listener: (error: Error) => void): unknown }>(
    emitter: T,
  ): T => {
    emitter.on("error", onError);
    return emitter;
  };
  const markKey = (kind: string, id: string): string => `${prefix}:${kind}:${id}`;
  const roundsKey = (run: string): string => `${prefix}:rounds:${run}`;
  const roundKey = (run: string, round: string): string => `${prefix}:round:${run}:${round}`;
  const connection = { ...options, url, maxRetriesPerRequest: null };

  return {
    lockClock: "broker",

    async now() {
      const [seconds, micros] = await redis.time();
      return Number(seconds) * 1000 + Number(micros) / 1000;
    },

    prepare: async () => {},

    async check() {
      const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info("memory"))?.[1];
      if (policy !== undefined && policy !== "noeviction")
        throw new Error(`maxmemory-policy is ${policy}: Redis would evict keys when memory runs short`);
    },

    queue: (name) => listening(new Queue(name, { connection, prefix, skipMetasUpdate })),
    queueEvents: (name) => listening(new QueueEvents(name, { connection, prefix, blockingTimeout: 200 })),

    worker(name, processor, { concurrency, lockMilliseconds, maxStalledCount }) {
      const options = {
        connection,
        prefix,
        concurrency,
        lockDuration: lockMilliseconds,
        stalledInterval: lockMilliseconds / 2,
        maxStalledCount,
        drainDelay: 1,
        runRetryDelay: 500,
      };
      return listening(new Worker(name, processor, options));
    },

    async hold(kind, id, token, record, milliseconds) {
      const keys = [markKey(kind, id), `${prefix}:${kind}`];
      const values = [token, JSON.stringify(record), milliseconds, id];
      return (await redis.eval(holdScript, keys.length, ...keys, ...values)) === 1;
    },

    async release(kind, id, token) {
      await redis.eval(releaseScript, 2, markKey(kind, id), `${prefix}:${kind}`, token, id);
    },

    async held(kind) {
      const ids = await unlessOfAnotherType([], () => redis.smembers(`${prefix}:${kind}`));
      const held: Held[] = [];
      for (const id of ids) {
        if (!isMarkId(kind, id)) continue;
        const { token, record } = await unlessOfAnotherType<Readonly<Record<string, string>>>({}, () =>
          redis.hgetall(markKey(kind, id)),
        );
        if (token === undefined || record === undefined) await redis.srem(`${prefix}:${kind}`, id);
        else held.push({ id, token, record: parsedOrText(record) });
      }
      return held;
    },

    openRun: async () => {},

    async removeRun(run) {
      const rounds = await redis.smembers(roundsKey(run));
      await redis.del(roundsKey(run), ...rounds.map((round) => roundKey(run, round)));
    },

    async openRound(run, round, theta) {
      await redis.sadd(roundsKey(run), round);
      await redis.hsetnx(roundKey(run, round), "theta", buffer(theta));
    },

    theta: async (run, round) => (await redis.hgetBuffer(roundKey(run, round), "theta")) ?? undefined,

    async put(run, round, group, blob) {
      const answer = await redis.eval(putScript, 1, roundKey(run, round), group, buffer(blob));
      return answer as "written" | "present" | "closed"; // putScript returns nothing else
    },

    blob: async (run, round, group) => (await redis.hgetBuffer(roundKey(run, round), group)) ?? undefined,

    async ready(run, round, limit) {
      const fields = await redis.hkeys(roundKey(run, round));
      const groups = fields.filter((field) => field !== "theta").slice(0, limit);
      if (groups.length === 0) return new Map();
      const blobs = await redis.hmgetBuffer(roundKey(run, round), ...groups);
      return new Map(
        groups.flatMap((group, i): [string, Buffer][] => {
          const blob = blobs[i];
          return blob == null ? [] : [[group, blob]];
        }),
      );
    },

    async remove(run, round, groups) {
      if (groups.length > 0) await redis.hdel(roundKey(run, round), ...groups);
    },

    async closeRound(run, round) {
      await redis.del(roundKey(run, round));
      await redis.srem(roundsKey(run), round);
    },

    async disconnect() {
      redis.disconnect();
    },
  };
}

/** A key that holds anything but what this program writes there counts as absent. */
async function unlessOfAnotherType<T>(fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("WRONGTYPE")) return fallback;
    throw error;
  }
}

/** A record that is not JSON fails its schema, as text does. */
function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

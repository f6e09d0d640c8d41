/**
 * A group's result is stored once. Two computations of one group must give the same result, otherwise the run must
 * stop.
 */
import { blobChecksum, DamagedBlobError } from "./blob.ts";
import type { Store } from "./broker.ts";
import { type GroupJob, groupName } from "./protocol.ts";

/** Replaces a group's name: two workers got different results for the group named in the blob. */
export const discord = "discord";

export async function storeResult(
  store: Pick<Store, "put" | "blob">,
  run: string,
  job: GroupJob,
  blob: Uint8Array,
): Promise<void> {
  const group = groupName(job);
  if ((await store.put(run, job.round, group, blob)) !== "present") return;
  const other = await store.blob(run, job.round, group);
  if (other === undefined) return; // read and removed meanwhile
  try {
    if (blobChecksum(other) === blobChecksum(blob)) return;
  } catch (error) {
    if (error instanceof DamagedBlobError) return; // the coordinator has it computed again
    throw error;
  }
  await store.put(run, job.round, discord, Buffer.from(group));
}

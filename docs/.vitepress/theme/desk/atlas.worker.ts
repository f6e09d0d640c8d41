/** The atlas on a problem that was typed, column by column. */
import {
  type AtlasCell,
  atlasColumn,
  sizesOfAtlas,
} from "../../../../packages/sgmrl/src/experiments/audit/atlas-cells.ts";
import { parseAuditSpec } from "../../../../packages/sgmrl/src/experiments/audit/spec.ts";
import { messageOf, serveTasks } from "../live/worker-task.ts";

export interface AtlasColumn {
  readonly setting: string;
  readonly cells: readonly AtlasCell[];
  /** Why the column is empty, if it is. */
  readonly refused?: string;
}
/** What is being enumerated, or what has been. */
export type AtlasProgress = { readonly what: string } | { readonly column: AtlasColumn };

/** Maximum number of terms of one enumeration. */
const limit = 1_000_000;

/** Takes an audit's spec as JSON; answers with the number of columns that could be enumerated. */
serveTasks<string, number, AtlasProgress>((spec, progress) => {
  const { problem } = parseAuditSpec(JSON.parse(spec));
  let drawn = 0;
  for (const [setting, size] of Object.entries(sizesOfAtlas(problem.inner.stepSize))) {
    if (size === null) continue;
    progress({ what: setting });
    try {
      const cells = atlasColumn({ ...problem, inner: { ...problem.inner, ...size } }, setting, limit);
      progress({ column: { setting, cells } });
      drawn++;
    } catch (error) {
      progress({ column: { setting, cells: [], refused: messageOf(error) } });
    }
  }
  return drawn;
});

/** Exact bias and variance of estimators on a problem that was typed: the audit of the command line, in a page. */
import { type Audit, audit } from "../../../../packages/sgmrl/src/experiments/audit/audit.ts";
import { type AuditSpec, parseAuditSpec } from "../../../../packages/sgmrl/src/experiments/audit/spec.ts";
import { serveTasks } from "../live/worker-task.ts";

export type Varied = "nothing" | "N" | "ζ" | "α";
export interface ExactRequest {
  /** An audit's spec, as JSON. */
  readonly spec: string;
  readonly estimators: readonly string[];
  readonly varied: Varied;
}
export interface ExactColumn {
  readonly setting: string;
  readonly result: Audit | { readonly refused: string };
}

/** Maximum number of terms of an enumeration: a few seconds in a browser. */
const limit = 300_000;

const settings: Readonly<Record<Varied, readonly number[]>> = {
  nothing: [0],
  N: [1, 2, 3, 4],
  ζ: [1, 2],
  α: [0.1, 0.3, 1, 3],
};

serveTasks(({ spec, estimators, varied }: ExactRequest, progress): readonly ExactColumn[] => {
  const asked = parseAuditSpec({ ...readJson(spec), estimators });
  return settings[varied].map((value): ExactColumn => {
    const setting = varied === "nothing" ? "" : `${varied} = ${value}`;
    progress(setting === "" ? "every data set" : setting);
    const one = at(asked, varied, value);
    if (varied === "nothing") return { setting, result: audit(one, limit) };
    try {
      return { setting, result: audit(one, limit) };
    } catch (error) {
      return { setting, result: { refused: error instanceof Error ? error.message : String(error) } };
    }
  });
});

function readJson(text: string): object {
  const json: unknown = JSON.parse(text);
  if (typeof json !== "object" || json === null) throw new TypeError("the problem must be a JSON object");
  return json;
}

function at({ problem, ...rest }: AuditSpec, varied: Varied, value: number): AuditSpec {
  const { inner } = problem;
  const changed = {
    nothing: {},
    N: { trajectories: value },
    ζ: { steps: value },
    α: { stepSize: value },
  }[varied];
  return { ...rest, problem: { ...problem, inner: { ...inner, ...changed } } };
}

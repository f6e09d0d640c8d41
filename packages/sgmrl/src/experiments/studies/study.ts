import type { Figure } from "../../report/figure.ts";

/** A question answered by computation: its figures, and the numbers that a text may quote. */
export interface Study {
  readonly name: string;
  /** The question, for --help. */
  readonly summary: string;
  /** `progress` is told what is being computed. Pure otherwise: the same numbers every time. */
  run(progress: (text: string) => void): StudyResult;
}

export interface StudyResult {
  readonly figures: readonly Figure[];
  /** Written as JSON beside the figures. */
  readonly numbers: unknown;
}

import type { Figure } from "../../report/figure.ts";

/** A question answered by computation: its figures, and the numbers that a text may quote. */
export interface Study {
  readonly name: string;
  /** The question, for --help. */
  readonly summary: string;
  /**
   * `progress` is told what is being computed. Processor times apart, the same numbers every time, however often it was
   * stopped. Null: it was stopped, and goes on from what it kept when it is run again.
   */
  run(progress: (text: string) => void, keeping: Keeping): StudyResult | null | Promise<StudyResult | null>;
}

/** Where a long study keeps what it has computed, and what stops it. */
export interface Keeping {
  readonly folder: string;
  readonly signal?: AbortSignal;
}

export interface StudyResult {
  readonly figures: readonly Figure[];
  /** Written as JSON beside the figures. */
  readonly numbers: unknown;
}

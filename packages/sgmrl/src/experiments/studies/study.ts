import type { Figure } from "../../report/figure.ts";

/** A question answered by computation: its figures, and the numbers that a text may quote. */
export interface Study {
  readonly name: string;
  /** The question, for --help. */
  readonly summary: string;
  /**
   * `progress` is told what is being computed. The same numbers every time, processor times apart. A long study keeps what
   * it has in `folder`, and goes on from there when it is run again.
   */
  run(progress: (text: string) => void, folder: string): StudyResult | Promise<StudyResult>;
}

export interface StudyResult {
  readonly figures: readonly Figure[];
  /** Written as JSON beside the figures. */
  readonly numbers: unknown;
}

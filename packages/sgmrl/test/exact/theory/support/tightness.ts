/** Truth over bound, per quantity: how many cases, the largest ratio and the median. A ratio above 1 is a counterexample. */
export class Tightness {
  readonly #ratios = new Map<string, number[]>();

  /** `slack` is what the differences behind `truth` may be off by. */
  holds(quantity: string, truth: number, bound: number, slack: number = 1e-9): boolean {
    if (bound > 1e-6) this.#ratios.set(quantity, [...(this.#ratios.get(quantity) ?? []), truth / bound]);
    return truth <= bound * (1 + 1e-9) + slack;
  }

  table(): Record<string, { cases: number; "largest truth/bound": number; median: number }> {
    return Object.fromEntries(
      [...this.#ratios].map(([quantity, ratios]) => {
        const sorted = ratios.toSorted((x, y) => x - y);
        const median = sorted[Math.floor(sorted.length / 2)]!;
        const round = (x: number): number => Math.round(x * 1000) / 1000;
        return [
          quantity,
          { cases: sorted.length, "largest truth/bound": round(sorted.at(-1)!), median: round(median) },
        ];
      }),
    );
  }
}

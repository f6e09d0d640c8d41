import type { Estimate } from "../run/confidence.ts";

/** -31.46 ± 0.52, with as many digits as the margin deserves. */
export function estimateText({ mean, margin }: Estimate): string {
  const digits = margin > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(margin)))) : 3;
  return `${mean.toFixed(digits)} ± ${margin.toFixed(digits)}`;
}

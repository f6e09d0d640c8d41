/** Nodes and weights of a quadrature rule. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/**
 * E f(ε) ≈ Σ_i w_i f(x_i) for ε ~ N(0, 1), exact for polynomials of degree up to 2n − 1.          [eq:gauss-hermite]
 *
 *   h_0 = 1,   √(k+1) h_{k+1} = x h_k − √k h_{k−1}    orthonormal under N(0, 1)
 *   x_i the roots of h_n, separated by those of h_{n−1}; w_i = 1 / (n h_{n−1}(x_i)²)
 *
 * Source  Golub & Welsch, Mathematics of Computation 23, 1969, doi:10.1090/S0025-5718-69-99647-1
 */
export function gaussHermite(n: number): Quadrature {
  let roots: number[] = [];
  for (let k = 1; k <= n; k++) {
    const bound = 2 * Math.sqrt(k) + 1; // beyond the largest root
    const ends = [-bound, ...roots, bound];
    roots = Array.from({ length: k }, (_, i) => bisect((x) => hermite(k, x), ends[i]!, ends[i + 1]!));
  }
  return {
    nodes: roots,
    weights: roots.map((x) => {
      const h = hermite(n - 1, x);
      return 1 / (n * h * h);
    }),
  };
}

function hermite(n: number, x: number): number {
  let [before, h] = [0, 1];
  for (let k = 0; k < n; k++) [before, h] = [h, (x * h - Math.sqrt(k) * before) / Math.sqrt(k + 1)];
  return h;
}

/** The sign change of f between two ends, to the last bit. */
function bisect(f: (x: number) => number, low: number, high: number): number {
  const rising = f(high) > 0;
  let [a, b] = [low, high];
  for (let i = 0; i < 100; i++) {
    const middle = (a + b) / 2;
    if (f(middle) > 0 === rising) b = middle;
    else a = middle;
  }
  return (a + b) / 2;
}

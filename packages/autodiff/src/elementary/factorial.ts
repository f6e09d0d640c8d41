/** n!, exact up to n = 22. */
export function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** x with so many decimals, as a person writes it: what rounds to zero has no sign. */
export function decimals(x: number, digits: number): string {
  const text = x.toFixed(digits);
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}

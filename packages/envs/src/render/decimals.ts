/** x with so many decimals, as a person writes it: what rounds to zero has no sign. */
export function decimals(x: number, digits: number): string {
  const text = x.toFixed(digits);
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}

/** x to three significant digits. */
export function significant(x: number): string {
  return String(Number(x.toPrecision(3)));
}

/** Numbers to three significant digits, with commas between them; many as the range in which they are. */
export function listed(values: readonly number[]): string {
  return values.length > 12 ? `between ${range(values)}` : values.map(significant).join(", ");
}

/** The least and the greatest of some numbers. */
export function range(values: readonly number[]): string {
  return `${significant(Math.min(...values))} and ${significant(Math.max(...values))}`;
}

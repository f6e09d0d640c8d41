/** Characters and depth to which a value is shown. */
const [longest, deepest] = [160, 4];

/** Any value in one line, much as JSON; what JSON lacks, as NaN, as it is written. */
export function shown(value: unknown, number: (x: number) => string = String, depth: number = 0): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > deepest) return "…";
  const inside = (part: unknown): string => shown(part, number, depth + 1);
  const text =
    Array.isArray(value) || ArrayBuffer.isView(value)
      ? `[${Array.from(value as ArrayLike<unknown>, inside).join()}]`
      : `{${Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${inside(part)}`)}}`;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** Paths of an SVG as short text: a report of many curves is mostly paths. */

/**
 * The same path, rounded to tenths of a unit, finer than a screen shows, and in relative coordinates, which are shorter.
 * Every point is rounded separately, so that errors do not accumulate. Paths with curves or arcs are only rounded.
 */
export function compactPath(path: string): string {
  if (!/^(M[^A-Za-z]+(L[^A-Za-z]+)*Z?)+$/.test(path)) return roundedPath(path);
  let [x, y] = [0, 0];
  let isRelative = false;
  return path.replace(/([ML])(-?[\d.]+),(-?[\d.]+)/g, (_, command: string, a: string, b: string) => {
    const [toX, toY] = [Math.round(10 * Number(a)), Math.round(10 * Number(b))];
    const from = command === "M" ? [0, 0] : [x, y];
    const [dx, dy] = [tenths(toX - from[0]!), tenths(toY - from[1]!)];
    const before = command === "M" ? "M" : isRelative ? (dx.startsWith("-") ? "" : " ") : "l";
    isRelative = command === "L";
    [x, y] = [toX, toY];
    return `${before}${dx}${dy.startsWith("-") ? "" : ","}${dy}`;
  });
}

/** A path with all its numbers rounded to tenths. */
export function roundedPath(path: string): string {
  return path.replace(/\d+\.\d+/g, (number) => String(Math.round(Number(number) * 10) / 10));
}

/** n/10 without a zero before the point. */
function tenths(n: number): string {
  return String(n / 10).replace(/^(-?)0\./, "$1.");
}

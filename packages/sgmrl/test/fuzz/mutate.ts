/** Damage to files and messages: to their bytes, and to the JSON in them. Reproducible from a seed. */
import { type Key, uniformAt } from "@sgmrl/autodiff/random";

/** A source of choices: draw n of a key. */
export class Dice {
  private readonly key: Key;
  private drawn = 0;

  constructor(key: Key) {
    this.key = key;
  }

  below(n: number): number {
    return Math.floor(uniformAt(this.key, this.drawn++) * n);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** One to three changes of the kinds that disks, editors and half-finished copies make. */
export function damagedBytes(dice: Dice, original: Uint8Array): Uint8Array {
  let bytes = original;
  for (let changes = 1 + dice.below(3); changes > 0; changes--) bytes = damageOnce(dice, bytes);
  return bytes;
}

function damageOnce(dice: Dice, bytes: Uint8Array): Uint8Array {
  const [a, b] = [dice.below(bytes.length + 1), dice.below(bytes.length + 1)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  const near = Math.min(b, a + 64);
  switch (dice.below(7)) {
    case 0:
      return bytes.map((byte, i) => (i === a ? byte ^ (1 << dice.below(8)) : byte));
    case 1:
      return bytes.slice(0, a);
    case 2:
      return Uint8Array.of(...bytes.slice(0, a), dice.below(256), ...bytes.slice(a));
    case 3:
      return Uint8Array.of(...bytes.slice(0, a), ...bytes.slice(near));
    case 4:
      return Uint8Array.of(...bytes.slice(0, near), ...bytes.slice(a));
    case 5:
      return bytes.map((byte, i) => (i >= a && i < near ? 0 : byte));
    default:
      return new TextEncoder().encode(
        new TextDecoder("latin1").decode(bytes).replace(/\d/, String(dice.below(10))),
      );
  }
}

const odd: readonly string[] = [
  "null",
  "true",
  "-1",
  "0",
  "0.5",
  "1e308",
  "-1e-320",
  "1e999",
  "9007199254740993",
  '""',
  '"__proto__"',
  '"\\u0000\\u001b[2J"',
  `"${"x".repeat(5000)}"`,
  "[]",
  "{}",
  "[[[]]]",
  '{"__proto__":1}',
  "[null]",
  "1e9",
  "[".repeat(150) + "]".repeat(150),
];

/** JSON with one value replaced, removed, doubled or added, wherever it stands. */
export function damagedJson(dice: Dice, json: unknown): string {
  const places = [...placesOf(json)];
  const target = dice.of(places);
  const how = dice.below(4);
  const write = (value: unknown, path: string): string => {
    if (path === target && how === 0) return dice.of(odd);
    if (Array.isArray(value))
      return `[${value
        .flatMap((item, i) => {
          const place = `${path}/${i}`;
          if (place === target && how === 1) return [];
          const text = write(item, place);
          return place === target && how === 2 ? [text, text] : [text];
        })
        .join(",")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
    const members = Object.entries(value).flatMap(([key, member]) => {
      const place = `${path}/${key}`;
      if (place === target && how === 1) return [];
      const text = `${JSON.stringify(key)}:${write(member, place)}`;
      return place === target && how === 2 ? [text, `${JSON.stringify(key)}:${dice.of(odd)}`] : [text];
    });
    if (path === target && how === 3)
      members.push(`${dice.of(['"extra"', '"__proto__"', '""'])}:${dice.of(odd)}`);
    return `{${members.join(",")}}`;
  };
  return write(json, "");
}

function* placesOf(value: unknown, path = ""): Generator<string> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* placesOf(member, `${path}/${key}`);
}

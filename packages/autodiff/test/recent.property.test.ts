import fc from "fast-check";
import { expect, test } from "vitest";
import { Recent } from "../src/recent.ts";

test("what was asked for or set last is known, and nothing else", () => {
  const uses = fc.array(fc.record({ key: fc.nat(7), isSet: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(uses, fc.integer({ min: 1, max: 5 }), (all, capacity) => {
      const recent = new Recent<number, string>(capacity);
      let model: number[] = []; // keys, the oldest first
      for (const { key, isSet } of all) {
        const isKnown = model.includes(key);
        if (isSet) recent.set(key, `value ${key}`);
        else expect(recent.get(key)).toBe(isKnown ? `value ${key}` : undefined);
        if (isSet || isKnown) model = [...model.filter((known) => known !== key), key].slice(-capacity);
      }
    }),
  );
});

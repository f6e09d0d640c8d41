/** Film strips of any extent end. */
import { expect, it } from "vitest";
import { type Drawing, filmStrip } from "../../src/index.ts";

const drawing = (length: number, focus: number): Drawing => ({
  title: "",
  dt: 0.1,
  isTimed: true,
  moments: [
    {
      strokes: [{ x1: focus, y1: 0, x2: focus + length, y2: 1, radius: 0.1 }],
      forces: [],
      focus: [focus, 0],
      caption: "",
      ground: [0, 1],
    },
  ],
  goals: [],
  leavesTrail: false,
});
const ticksOf = (strip: string): number =>
  (/class="floor" d="([^"]*)"/.exec(strip)![1]!.match(/V/g) ?? []).length;

it("has a tick every half metre, but none where the picture is wider than the ticks can show", () => {
  expect(ticksOf(filmStrip(drawing(2, 0)))).toBe(9); // −2.2 … 2.2 m
  expect(ticksOf(filmStrip(drawing(1e5, 0)))).toBe(0);
  expect(ticksOf(filmStrip(drawing(2, 1e17)))).toBeLessThan(1000);
});

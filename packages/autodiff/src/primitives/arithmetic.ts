import { madeBy } from "../trace/tracer.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";

/**
 * z = x + y                          [eq:add]
 *   dz = dx + dy        xBar = zBar,  yBar = zBar
 */
export const add: Binary = binary({
  name: "add",
  integers: true,
  commutative: true,
  jvp: [(dx) => dx, (dy) => dy],
  vjp: [(zBar) => zBar, (zBar) => zBar],
  plus: () => add,
  simplify: (x, y) => (y.uniform === 0 ? x : x.uniform === 0 ? y : undefined),
});

/**
 * z = x − y                          [eq:sub]
 *   dz = dx − dy        xBar = zBar,  yBar = −zBar
 */
export const sub: Binary = binary({
  name: "sub",
  integers: true,
  jvp: [(dx) => dx, (dy) => neg(dy)],
  vjp: [(zBar) => zBar, (zBar) => neg(zBar)],
  plus: () => add,
  simplify: (x, y) => (y.uniform === 0 ? x : undefined),
});

/**
 * z = x y                            [eq:mul]
 *   dz = dx y + x dy    xBar = zBar y,  yBar = x zBar
 */
export const mul: Binary = binary({
  name: "mul",
  integers: true,
  commutative: true,
  jvp: [(dx, _x, y) => mul(dx, y), (dy, x) => mul(x, dy)],
  vjp: [(zBar, _x, y) => mul(zBar, y), (zBar, x) => mul(x, zBar)],
  plus: () => add,
  simplify: (x, y) => (y.uniform === 1 ? x : x.uniform === 1 ? y : undefined),
});

/**
 * z = x / y                          [eq:div]
 *   dz = dx / y − z dy / y    xBar = zBar / y,  yBar = −zBar z / y
 *
 * Numerics  z / y comes first: multiplying z by a large or small dy or zBar might over- or underflow
 */
export const div: Binary = binary({
  name: "div",
  jvp: [(dx, _x, y) => div(dx, y), (dy, _x, y, z) => neg(mul(dy, div(z, y)))],
  vjp: [(zBar, _x, y) => div(zBar, y), (zBar, _x, y, z) => neg(mul(zBar, div(z, y)))],
  plus: () => add,
  simplify: (x, y) => (y.uniform === 1 ? x : undefined),
});

/**
 * y = −x                             [eq:neg]
 *   dy = −dx            xBar = −yBar
 */
export const neg: Unary = unary({
  name: "neg",
  integers: true,
  jvp: (dx) => neg(dx),
  vjp: (yBar) => neg(yBar),
  simplify: (x) => madeBy(x, neg.primitive)?.inputs[0],
});

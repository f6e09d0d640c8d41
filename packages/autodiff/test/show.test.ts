import { expect, it } from "vitest";
import {
  array,
  cond,
  exp,
  grad,
  hvp,
  less,
  matmul,
  mul,
  type NdArray,
  neg,
  scan,
  show,
  sin,
  square,
  sub,
  sum,
  tanh,
  whileLoop,
  zeros,
} from "../src/index.ts";

it("prints a function as a program, one primitive a line", () => {
  expect(show((x: NdArray) => sum(mul(x, exp(x))), array([1, 2]))).toMatchInlineSnapshot(`
    "input x0                : float64[2]
    t0 = exp(x0)            : float64[2]
    t1 = mul(x0, t0)        : float64[2]
    t2 = sum(t1, axes=[0])  : float64[]
    return t2"
  `);
});

it("prints a gradient: common subexpressions once, no dead code", () => {
  expect(
    show(
      grad((x: NdArray) => sum(square(tanh(x)))),
      array([1, 2, 3]),
    ),
  ).toMatchInlineSnapshot(`
    "input x0              : float64[3]
    t0 = tanh(x0)         : float64[3]
    t1 = add(t0, t0)      : float64[3]
    t2 = sechSquared(x0)  : float64[3]
    t3 = mul(t1, t2)      : float64[3]
    return t3"
  `);
});

it("prints a Hessian-vector product, with the names of the arguments", () => {
  const logLikelihood = ({ weight, bias }: { weight: NdArray; bias: NdArray }): NdArray => {
    const residual = sub(tanh(sub(matmul(array([[1, 2]]), weight), bias)), array([[0.5]]));
    return neg(sum(square(residual)));
  };
  const theta = { weight: zeros([2, 1]), bias: zeros([1]) };
  expect(show(hvp(logLikelihood), theta, theta)).toMatchInlineSnapshot(`
    "input x0.bias                           : float64[1]
    input x0.weight                         : float64[2, 1]
    input x1.bias                           : float64[1]
    input x1.weight                         : float64[2, 1]
    const c0 (given)                        : float64[1, 2]
    const c1 (given)                        : float64[1, 1]
    t0 = matmul(c0, x0.weight)              : float64[1, 1]
    t1 = matmul(c0, x1.weight)              : float64[1, 1]
    t2 = broadcastTo(x0.bias, shape=[1,1])  : float64[1, 1]
    t3 = broadcastTo(x1.bias, shape=[1,1])  : float64[1, 1]
    t4 = sub(t0, t2)                        : float64[1, 1]
    t5 = neg(t3)                            : float64[1, 1]
    t6 = add(t1, t5)                        : float64[1, 1]
    t7 = tanh(t4)                           : float64[1, 1]
    t8 = sechSquared(t4)                    : float64[1, 1]
    t9 = mul(t6, t8)                        : float64[1, 1]
    t10 = sub(t7, c1)                       : float64[1, 1]
    t11 = broadcastTo(-1, shape=[1,1])      : float64[1, 1]
    t12 = mul(t11, t10)                     : float64[1, 1]
    t13 = mul(t11, t9)                      : float64[1, 1]
    t14 = add(t12, t12)                     : float64[1, 1]
    t15 = add(t13, t13)                     : float64[1, 1]
    t16 = mul(t7, t8)                       : float64[1, 1]
    t17 = broadcastTo(-2, shape=[1,1])      : float64[1, 1]
    t18 = mul(t17, t16)                     : float64[1, 1]
    t19 = mul(t6, t18)                      : float64[1, 1]
    t20 = mul(t15, t8)                      : float64[1, 1]
    t21 = mul(t14, t19)                     : float64[1, 1]
    t22 = add(t20, t21)                     : float64[1, 1]
    t23 = neg(t22)                          : float64[1, 1]
    t24 = sum(t23, axes=[0])                : float64[1]
    t25 = transpose(c0, permutation=[1,0])  : float64[2, 1]
    t26 = matmul(t25, t22)                  : float64[2, 1]
    return t24, t26"
  `);
});

it("prints a loop's body once, under its line", () => {
  const power = (x: NdArray): NdArray =>
    scan((y: NdArray, by: NdArray) => [mul(mul(y, x), by), undefined], 1, array([1, 2, 3]))[0];
  expect(show(power, array(2))).toMatchInlineSnapshot(`
    "input x0                                                          : float64[]
    const c1 (given)                                                  : float64[3]
    t0 = scan(1, c1, x0, length=3, reverse=false, carries=1, rows=1)  : a bundle
      input carry0              : float64[]
      input row0                : float64[]
      input fixed0              : float64[]
      t0 = mul(carry0, fixed0)  : float64[]
      t1 = mul(t0, row0)        : float64[]
      return t1
    t1 = part(t0, index=0, shape=[], dtype="float64")                 : float64[]
    return t1"
  `);
});

it("prints both branches of a conditional, each under its name", () => {
  const f = (x: NdArray): NdArray =>
    cond(
      less(x, 0),
      (y) => mul(y, y),
      (y) => sin(y),
      x,
    );
  expect(show(f, array(2))).toMatchInlineSnapshot(`
    "input x0                                           : float64[]
    t0 = less(x0, 0)                                   : int32[]
    t1 = cond(t0, x0)                                  : a bundle
      onTrue:
      input in0           : float64[]
      t0 = mul(in0, in0)  : float64[]
      return t0
      onFalse:
      input in0      : float64[]
      t0 = sin(in0)  : float64[]
      return t0
    t2 = part(t1, index=0, shape=[], dtype="float64")  : float64[]
    return t2"
  `);
});

it("prints a loop that ends by itself: whether it goes on, first, is one of what is carried", () => {
  const f = (x: NdArray): NdArray =>
    whileLoop(
      (y: NdArray) => less(y, 10),
      (y) => mul(x, y),
      1,
    );
  expect(show(f, array(2))).toMatchInlineSnapshot(`
    "input x0                                           : float64[]
    t0 = whileLoop(1, 1, x0, carries=2)                : a bundle
      input carry0              : int32[]
      input carry1              : float64[]
      input fixed0              : float64[]
      t0 = mul(fixed0, carry1)  : float64[]
      t1 = less(t0, 10)         : int32[]
      return t1, t0
    t1 = part(t0, index=1, shape=[], dtype="float64")  : float64[]
    return t1"
  `);
});

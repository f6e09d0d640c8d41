/**
 * The elementary functions that kernels call, as source text. A graphics card's own functions are not used:
 * tanh loses all accuracy near 0 and overflows for large arguments, log returns finite numbers at 0 and
 * below, sin and cos have errors of 1e-4 (all seen in WebGL2).
 *
 * Numerics  float32; relative error about 1e-6 where the device's exp and log are good to a few ulp; sin and cos reduce
 *           their argument in three parts of pi/2, good for |x| < 8192
 * Source    tanh: Moshier, Cephes tanhf.c and sinf.c, 1989; expm1 and log1p: Kahan's corrections, as in Higham, Accuracy and
 *           Stability of Numerical Algorithms, SIAM 2002, section 1.14.1
 */

export const functions: Readonly<Record<string, string>> = {
  quarterWave: `function quarterWave(x, shift) {
    const n = Math.floor(x * 6.3661977e-1 + 0.5);
    const r = ((x - n * 1.5703125) - n * 4.837512969970703e-4) - n * 7.549789954891882e-8;
    const m = n + shift;
    const quadrant = m - 4.0 * Math.floor(m * 0.25);
    const z = r * r;
    const s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
    const c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
    if (quadrant < 0.5) { return s; }
    if (quadrant < 1.5) { return c; }
    if (quadrant < 2.5) { return -s; }
    return -c;
  }`,
  // Infinity in float32. WebGPU rejects it as a literal, but accepts an expression that depends on x.
  infinite: `function infinite(x) {
    return 3.4028e38 * (10.0 + Math.abs(x));
  }`,
  safeExp: `function safeExp(x) {
    if (x > 88.7228) { return infinite(x); }
    if (x < -87.3) { return 0.0; }
    return Math.exp(x);
  }`,
  safeLog: `function safeLog(x) {
    if (x > 0.0) { return Math.log(x); }
    if (x < 0.0) { return (x - x) / (x - x); }
    if (x == 0.0) { return -infinite(x); }
    return x;
  }`,
  safeTanh: `function safeTanh(x) {
    const a = Math.abs(x);
    if (a < 0.625) {
      const z = x * x;
      return x + x * z * (-3.33332819422e-1 + z * (1.33314422036e-1 + z * (-5.37397155531e-2 + z * (2.06390887954e-2 - z * 5.70498872745e-3))));
    }
    if (a > 10.0) {
      if (x > 0.0) { return 1.0; }
      return -1.0;
    }
    const t = Math.exp(-2.0 * a);
    const y = (1.0 - t) / (1.0 + t);
    if (x > 0.0) { return y; }
    if (x < 0.0) { return -y; }
    return x;
  }`,
  slopeOfTanh: `function slopeOfTanh(x) {
    const t = safeExp(-2.0 * Math.abs(x));
    const q = 2.0 / (1.0 + t);
    return t * (q * q);
  }`,
  safeExpm1: `function safeExpm1(x) {
    if (Math.abs(x) < 0.3) {
      return x * (1.0 + x * (0.5 + x * (1.6666667e-1 + x * (4.1666668e-2 + x * (8.333333e-3 + x * (1.3888889e-3 + x * 1.984127e-4))))));
    }
    if (x > 88.7228) { return infinite(x); }
    if (x < -87.3) { return -1.0; }
    return Math.exp(x) - 1.0;
  }`,
  safeLog1p: `function safeLog1p(x) {
    if (Math.abs(x) < 0.1) {
      const s = x / (2.0 + x);
      const z = s * s;
      return 2.0 * s * (1.0 + z * (3.3333334e-1 + z * (0.2 + z * 1.4285715e-1)));
    }
    return safeLog(1.0 + x);
  }`,
  safeSigmoid: `function safeSigmoid(x) {
    const a = Math.abs(x);
    const u = safeExp(-a);
    if (x < 0.0) { return u / (1.0 + u); }
    return 1.0 / (1.0 + u);
  }`,
  safeSoftplus: `function safeSoftplus(x) {
    const a = Math.abs(x);
    const tail = safeLog1p(safeExp(-a));
    if (x > 0.0) { return x + tail; }
    return tail + (a - a);
  }`,
  safeSin: `function safeSin(x) {
    return quarterWave(x, 0.0);
  }`,
  safeCos: `function safeCos(x) {
    return quarterWave(x, 1.0);
  }`,
  signOf: `function signOf(x) {
    if (x > 0.0) { return 1.0; }
    if (x < 0.0) { return -1.0; }
    return x;
  }`,
  toWhole: `function toWhole(x) {
    if (x >= 0.0) { return Math.min(Math.floor(x), 2147483647.0); }
    if (x < 0.0) { return Math.max(Math.ceil(x), -2147483648.0); }
    return -2147483648.0;
  }`,
  larger: `function larger(x, y) {
    if (x > y) { return x; }
    if (y > x) { return y; }
    if (x == y) { return x; }
    return x + y;
  }`,
  smaller: `function smaller(x, y) {
    if (x < y) { return x; }
    if (y < x) { return y; }
    if (x == y) { return x; }
    return x + y;
  }`,
  power: `function power(x, y) {
    if (y == 0.0) { return 1.0; }
    if (x > 0.0) { return safeExp(y * safeLog(x)); }
    if (x == 0.0) {
      if (y > 0.0) { return 0.0; }
      return infinite(x);
    }
    const n = Math.floor(y);
    if (n != y) { return (x - x) / (x - x); }
    const m = safeExp(y * safeLog(-x));
    const half = Math.floor(n / 2.0);
    if (half * 2.0 == n) { return m; }
    return -m;
  }`,
  angle: `function angle(y, x) {
    const ax = Math.abs(x);
    const ay = Math.abs(y);
    let larger = ax;
    let smaller = ay;
    if (ay > ax) { larger = ay; smaller = ax; }
    let q = 0.0;
    if (larger > 0.0) { q = smaller / larger; }
    let base = 0.0;
    let t = q;
    if (q > 0.41421356) { t = (q - 1.0) / (q + 1.0); base = 0.78539816; }
    const z = t * t;
    let a = base + (t + t * z * (-3.33329491539e-1 + z * (1.99777106478e-1 + z * (-1.38776856032e-1 + z * 8.05374449538e-2))));
    if (ay > ax) { a = 1.57079633 - a; }
    if (x < 0.0) { a = 3.14159265 - a; }
    if (y < 0.0) { return -a; }
    return a + (y - y);
  }`,
};

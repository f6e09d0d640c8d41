/**
 * What a program that was typed finds in scope: JavaScript's own, and of its host what computes, waits or prints. What
 * reaches out of its worker (postMessage, fetch, close, …) says at its line that it is withheld.
 */

/** ECMAScript 2026, §19: the global object, with its annex B; and the last two lines, of the host. */
const kept: ReadonlySet<string> = new Set(
  `globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape unescape AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array
  BigUint64Array Boolean DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array
  Float64Array Function Int8Array Int16Array Int32Array Iterator Map Number Object Promise Proxy RangeError ReferenceError
  RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError Uint8Array Uint8ClampedArray
  Uint16Array Uint32Array URIError WeakMap WeakRef WeakSet Atomics JSON Math Reflect Temporal Intl
  clearInterval clearTimeout console performance queueMicrotask setInterval setTimeout structuredClone TextDecoder
  TextEncoder WebAssembly`.split(/\s+/),
);

/** Puts `refuse(name)` in the place of all else on the global object and on what it inherits from. */
export function withhold(scope: object, refuse: (name: string) => never): void {
  for (let at: object = scope; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at))
    for (const [name, { configurable }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (configurable && !kept.has(name) && name !== "constructor")
        Object.defineProperty(at, name, {
          get: () => refuse(name),
          set: () => refuse(name),
        });
}

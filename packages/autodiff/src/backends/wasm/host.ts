/**
 * The only module that touches the host's WebAssembly, with types for the few functions used (TypeScript
 * declares them in its browser library, which this package does not include).
 */

import { memoryImport } from "./assembler/module.ts";

/** Linear memory. Growing it replaces `buffer` and empties all views of the old one. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export type Exports = Readonly<Record<string, (...args: readonly number[]) => void>>;

interface WebAssemblyHost {
  validate(bytes: Uint8Array): boolean;
  Memory: new (descriptor: { readonly initial: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

// Every host this package supports (Node 20 and later, browsers since 2021, workers) has WebAssembly with SIMD.
const host = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;

const pageBytes = 65536;

export function createMemory(bytes: number): Memory {
  return new host.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) });
}

/** Grows the memory to at least this size; false if the host refuses. */
export function growMemory(memory: Memory, bytes: number): boolean {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
  if (missing <= 0) return true;
  try {
    memory.grow(missing);
    return true;
  } catch {
    return false;
  }
}

/** Whether the host supports all instructions of a module. */
export function isSupported(bytes: Uint8Array): boolean {
  return host.validate(bytes);
}

/** The functions of a module that imports the given memory. */
export function instantiate(bytes: Uint8Array, memory: Memory): Exports {
  const imports = { [memoryImport.module]: { [memoryImport.name]: memory } };
  // All exports of our modules are functions of numbers.
  return new host.Instance(new host.Module(bytes), imports).exports as Exports;
}

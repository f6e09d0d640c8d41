/** The unit as it runs on this machine: with the backend its experiment names, and a clock for its phases. */
import { type Backend, reference, UnsupportedError } from "@sgmrl/autodiff";
import { createWasmBackend, wasm } from "@sgmrl/autodiff/wasm";
import { InputError } from "../errors.ts";
import { partsOf } from "../meta-gradient/parts.ts";
import { createUnit, type Unit } from "../meta-gradient/unit.ts";
import type { Experiment } from "../settings.ts";

/** Errors  InputError if relaxed arithmetic is requested and this JavaScript engine has none */
export function unitFor(experiment: Experiment): Unit {
  const clock = (): number => performance.now() / 1000;
  return createUnit(partsOf(experiment), { backend: backendOf(experiment), clock });
}

let relaxed: Backend | undefined;

function backendOf({ backend, arithmetic }: Experiment): Backend {
  if (backend === "reference") return reference;
  if (arithmetic !== "relaxed") return wasm;
  try {
    relaxed ??= createWasmBackend({ arithmetic });
    return relaxed;
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    throw new InputError(
      `config: experiment.arithmetic: Node ${process.versions.node} has no relaxed SIMD instructions. ` +
        "Use --arithmetic strict, or Node 22 or newer.",
    );
  }
}

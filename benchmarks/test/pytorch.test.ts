import { describe, expect, it } from "vitest";
import { blasOf, whyUntuned } from "../src/native/pytorch.ts";

const reference = [
  "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3",
  "/usr/lib/x86_64-linux-gnu/lapack/liblapack.so.3",
];
const tuned = [
  "/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3",
  "/usr/lib/x86_64-linux-gnu/openblas-pthread/liblapack.so.3",
  "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so",
];

describe("the BLAS of PyTorch", () => {
  it("is refused, by its file, if it is the reference", () => {
    expect(whyUntuned(reference)).toContain(reference[0]);
    expect(whyUntuned(reference)).toContain("libopenblas0-pthread");
  });

  it("is named where it is tuned, or bundled, and left out where the system does not tell", () => {
    expect(whyUntuned(tuned)).toBeUndefined();
    expect(blasOf(tuned)).toBe("libopenblasp-r0.3.21.so");
    const bundled = ["/venv/lib/python3.12/site-packages/torch/lib/libmkl_core.so.2"];
    expect(whyUntuned(bundled)).toBeUndefined();
    expect(blasOf(bundled)).toBe("libmkl_core.so.2");
    expect(blasOf([])).toBeUndefined();
    expect(whyUntuned([])).toBeUndefined();
  });
});

import { expect, it } from "vitest";
import { agreementTable, agreementWithTensorFlow } from "../../src/agreement/tensorflow.ts";

it("agrees with TensorFlow.js on values and first gradients, to float32 accuracy", () => {
  const rows = agreementWithTensorFlow();
  console.log(agreementTable(rows));

  const roundings = 8; // of 2^-24 each, theirs
  for (const { name, value, gradient } of rows) {
    expect(value, `value of ${name}`).toBeLessThanOrEqual(roundings * 2 ** -24);
    expect(gradient ?? 0, `gradient of ${name}`).toBeLessThanOrEqual(roundings * 2 ** -24);
  }
});

/** Programs to start from. */
export const examples: Readonly<Record<string, string>> = {
  "Σ x sin x": `// The engine's functions are in scope. Define f, the point x, and a direction v.
const f = (x) => sum(mul(x, sin(x)));

const x = [0, 1, 2];
const v = [1, 1, 1];
`,
  "A policy": `// Σ ln π(a | s; θ) of a two-layer tanh policy with two actions, as in the README.
const states = array([[0.5, -1], [0, 2], [1, 1]]);
const actions = array([1, 0, 1], undefined, "int32");

function f({ w1, w2 }) {
  const logits = matmul(tanh(matmul(states, w1)), w2);
  return sum(mul(logSoftmax(logits), oneHot(actions, 2)));
}

const x = {
  w1: [[0.1, 0.2, -0.3, 0], [0.4, -0.5, 0.6, 1]],
  w2: [[1, -1], [0.5, 0], [0, 2], [1, 1]],
};
`,
  "A wrong rule": `// A custom rule with a mistake: the derivative of x³ is 3x², not 2x². The laws catch it.
const cube = customFunction({
  name: "cube",
  apply: (x) => mul(x, mul(x, x)),
  jvp: ([dx], [x]) => mul(2, mul(x, mul(x, dx))),
});
const f = (x) => sum(cube(x));

const x = [0.5, -1, 2];
`,
  "An endless loop": `// A program that does not finish is stopped.
const f = (x) => {
  while (true) x = mul(x, 1);
};
const x = 1;
`,
};

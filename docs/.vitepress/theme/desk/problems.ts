/** Problems to begin with, as a reader would type them. */

export const twoStates = `{
  "mdp": {
    "initial": [1, 0],
    "transitions": [[[0.7, 0.3], [0.2, 0.8]], [[0.5, 0.5], [0.9, 0.1]]],
    "rewards": [[0.8, -0.5], [-0.3, 0.6]],
    "horizon": 2,
    "discount": 0.9
  },
  "theta": [[0.3, -0.2], [0.1, 0.5]],
  "inner": { "stepSize": 0.7, "steps": 1, "trajectories": 2 },
  "outerTrajectories": 1
}`;

export const bandits = `{
  "tasks": [
    { "weight": 1, "mdp": { "initial": [1], "transitions": [[[1], [1], [1], [1]]], "rewards": [[1, 0, 0.45, 0.45]],
      "horizon": 1, "discount": 1 } },
    { "weight": 1, "mdp": { "initial": [1], "transitions": [[[1], [1], [1], [1]]], "rewards": [[0, 1, 0.45, 0.45]],
      "horizon": 1, "discount": 1 } }
  ],
  "theta": [[0, 0, 0, 0]],
  "inner": { "stepSize": 10, "steps": 1, "trajectories": 3 },
  "outerTrajectories": 1
}`;

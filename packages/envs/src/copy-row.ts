/** Observes the first `count` numbers of the state as they are. */
export function copyRow(
  count: number,
): (state: Float64Array, s: number, observation: Float64Array, o: number) => void {
  return (state, s, observation, o) => {
    for (let i = 0; i < count; i++) observation[o + i] = state[s + i]!;
  };
}

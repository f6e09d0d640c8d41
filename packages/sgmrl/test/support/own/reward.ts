export function reward(position: number, goal: number): number {
  return -Math.abs(position - goal);
}

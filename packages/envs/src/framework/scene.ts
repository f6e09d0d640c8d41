/** The drawing of a task, in the coordinates of its state: for figures that know nothing of the dynamics. */
export interface Scene {
  readonly bounds: {
    readonly x: readonly [low: number, high: number];
    readonly y: readonly [low: number, high: number];
  };
  readonly marks: readonly Mark[];
}

/** One thing to draw, in the coordinates of the state. */
export type Mark =
  /** A point to reach; `radius` is the tolerance or the reach of the reward, if any. */
  | { readonly kind: "goal"; readonly x: number; readonly y: number; readonly radius?: number }
  /** The goal of another task. */
  | { readonly kind: "other-goal"; readonly x: number; readonly y: number }
  | {
      readonly kind: "circle";
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly label: string;
    };

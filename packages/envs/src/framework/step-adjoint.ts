/**
 * Hand-written adjoints, to differentiate data through an environment whose step is not a program of arrays
 * and whose state is not the policy's observation. The recursion of [eq:adjoint-sweep] calls them.
 */
export interface DifferentiableDynamics<Task = unknown> {
  /** Length of a cotangent s̄: of the first numbers in a state's row, since nothing depends on the others. */
  readonly cotangentSize: number;
  /** Where the data jump as θ moves, in words: "a foot touches down". Absent where they are Lipschitz. */
  readonly jumps?: string;
  /**
   * The depth in metres over which contacts that begin without force stiffen, the least of them; undefined or absent where
   * there are none. Their slope at touch-down is what makes derivatives grow along a gait.
   */
  contactDepth?(): number | undefined;
  /**
   * May compute in the given precision (default float64). With `contactDepth`, the adjoint at the same states of a step whose
   * contacts stiffen over that depth, where theirs is less. A method, so that it also accepts `unknown` tasks.
   */
  adjoint(task: Task, dtype?: "float64" | "float32", contactDepth?: number): AdjointDynamics;
}

/** The adjoints of the dynamics of one task. Where the row of s_t ends in `states`, that of s_{t+1} begins. */
export interface AdjointDynamics {
  /**
   * The adjoint of s_{t+1}, r_t = advance(s_t, a_t), many rows at once:
   *
   *   s̄ ← (∂s'/∂s)ᵀ s̄' + (∂r/∂s) r̄,   ā = (∂s'/∂a)ᵀ s̄' + (∂r/∂a) r̄
   *
   * Row k begins at states[rows[k]] and actions[actionRows[k]].
   *
   * Shapes  stateBars: [count, cotangentSize], s̄' to be replaced by s̄; rewardBars: [count];
   *         actionBars: [count, a], overwritten
   */
  pullSteps(
    states: Float64Array,
    rows: Int32Array,
    actions: Float64Array,
    actionRows: Int32Array,
    stateBars: Float64Array,
    rewardBars: Float64Array,
    actionBars: Float64Array,
  ): void;
  /** s̄ += (∂o/∂s)ᵀ ō for the row at states[s …], with ō at observationBars[o …] and s̄ at stateBars[b …]. */
  pullObservation(
    states: Float64Array,
    s: number,
    observationBars: Float64Array,
    o: number,
    stateBars: Float64Array,
    b: number,
  ): void;
}

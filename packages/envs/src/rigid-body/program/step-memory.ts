/** Layout of a batch of states in the memory of the compiled programs. */
import { LaneMemory } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { parameterValues } from "./parameters.ts";
import { stagesOf } from "./step.ts";

/** Addresses of what one physics step records for its adjoint. */
export interface TapeEntry {
  /** The state before the step. */
  readonly state: number;
  readonly solutions: number;
}

/** A copy, outside the module's memory, of what the steps of one call recorded for their adjoint. */
export interface StepTape {
  /** Number of rows that the tape had room for. */
  readonly room: number;
  readonly numbers: Float64Array | Float32Array;
  /** Rows left to `step`. */
  readonly leftOver: readonly number[];
}

interface TapeRoom {
  readonly entries: readonly TapeEntry[];
  readonly end: number;
}

export class StepMemory {
  readonly lanes: LaneMemory;
  /** Numbers in the row of a state. */
  readonly width: number;
  readonly #model: Model;
  readonly #parameterCount: number;
  #capacity = 0;
  /** By number of rows: allocating a larger tape does not move those that earlier copies came from. */
  readonly #tapes = new Map<number, TapeRoom>();
  #tapeRows = 0;
  /** The model whose parameters are in memory, once for every row of the capacity. */
  #loaded: Model | undefined;
  state = 0;
  control = 0;
  status = 0;
  parameters = 0;
  bars = 0;
  controlBars = 0;
  /** Offsets of contiguous rows, for controls and cotangents. */
  readonly rowsOf: (rows: number, width: number) => Int32Array = evenRows();

  constructor(model: Model, dtype: "float64" | "float32", forceCount: number, isOpen: boolean) {
    this.lanes = new LaneMemory(dtype);
    this.#model = model;
    this.width = model.nq + 2 * model.nv + forceCount;
    this.#parameterCount = isOpen ? parameterValues(model).length : 0;
  }

  /** Writes states, their controls and a robot's parameters to memory. */
  load(robot: Model, states: Float64Array, offsets: Int32Array, controls: Float64Array): void {
    const { lanes, width } = this;
    const { nu } = this.#model;
    const rows = offsets.length;
    this.#reserve(rows);
    lanes.write(this.state, width, states, offsets);
    lanes.write(this.control, nu, controls, this.rowsOf(rows, nu));
    lanes.fill(this.status, 1, rows, 0);
    if (this.#loaded === robot || this.#parameterCount === 0) return;
    const values = Float64Array.from(parameterValues(robot));
    lanes.write(this.parameters, this.#parameterCount, values, new Int32Array(this.#capacity));
    this.#loaded = robot;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = rows;
    const { nq, nv, nu } = this.#model;
    const room = (width: number) => this.lanes.reserve(rows, width);
    this.state = room(this.width);
    this.control = room(nu);
    this.status = room(1);
    this.parameters = room(this.#parameterCount);
    this.bars = room(nq + nv);
    this.controlBars = room(nu);
    this.#loaded = undefined;
  }

  /** The tape for this many rows and steps, allocated in one piece. */
  tape(rows: number, steps: number): readonly TapeEntry[] {
    if (rows > this.#tapeRows) {
      this.#tapeRows = rows;
      const entries = Array.from({ length: steps }, () => ({
        state: this.lanes.reserve(rows, this.width),
        solutions: this.lanes.reserve(rows, stagesOf(this.#model) * this.#model.nv),
      }));
      this.#tapes.set(rows, { entries, end: this.lanes.end });
    }
    return this.#tapes.get(this.#tapeRows)!.entries;
  }

  /** A copy of the tape. */
  save(leftOver: readonly number[]): StepTape {
    const { entries, end } = this.#tapes.get(this.#tapeRows)!;
    const [from, to] = [this.lanes.indexOf(entries[0]!.state), this.lanes.indexOf(end)];
    return { room: this.#tapeRows, numbers: this.lanes.values.slice(from, to), leftOver };
  }

  /** Writes a copy back to where it came from. */
  restore({ room, numbers }: StepTape): readonly TapeEntry[] {
    const { entries } = this.#tapes.get(room)!;
    this.lanes.values.set(numbers, this.lanes.indexOf(entries[0]!.state));
    return entries;
  }

  /** Rows that the program left to `step`, for whatever reason: see `StepVariables.status`. */
  leftOver(rows: number): number[] {
    const [values, start] = [this.lanes.values, this.lanes.indexOf(this.status)];
    const found: number[] = [];
    for (let r = 0; r < rows; r++) if (values[start + r] !== 0) found.push(r);
    return found;
  }
}

/** (rows, width) → 0, width, 2 width, ... */
function evenRows(): (rows: number, width: number) => Int32Array {
  const known = new Map<number, Int32Array>();
  return (rows, width) => {
    let offsets = known.get(width);
    if (offsets === undefined || offsets.length < rows) {
      offsets = Int32Array.from({ length: rows }, (_, r) => r * width);
      known.set(width, offsets);
    }
    return offsets.length === rows ? offsets : offsets.subarray(0, rows);
  };
}

/** Layout of a batch of states in the memory of the compiled programs. */
import { LaneMemory } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { parameterValues } from "./parameters.ts";

/** What the steps of one call left for their adjoint, in the memory of the programs. */
export interface StepTape {
  readonly address: number;
  /** The number of rows that it has room for. */
  readonly room: number;
  /** Rows left to `step`. */
  leftOver: readonly number[];
}

export class StepMemory {
  readonly lanes: LaneMemory;
  /** Numbers in the row of a state. */
  readonly width: number;
  readonly #model: Model;
  readonly #parameterCount: number;
  #capacity = 0;
  /** Of equal room, which grows to the most rows asked for. */
  #tapes: StepTape[] = [];
  #own: StepTape | undefined;
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

  /** Writes states to memory, and what `loadInputs` writes. */
  load(robot: Model, states: Float64Array, offsets: Int32Array, controls: Float64Array): void {
    const rows = offsets.length;
    this.loadInputs(robot, rows, controls);
    this.lanes.write(this.state, this.width, states, offsets);
    this.lanes.fill(this.status, 1, rows, 0);
  }

  /** Writes controls and a robot's parameters to memory. */
  loadInputs(robot: Model, rows: number, controls: Float64Array): void {
    const { nu } = this.#model;
    this.#reserve(rows);
    this.lanes.write(this.control, nu, controls, this.rowsOf(rows, nu));
    if (this.#loaded === robot || this.#parameterCount === 0) return;
    const values = Float64Array.from(parameterValues(robot));
    this.lanes.write(this.parameters, this.#parameterCount, values, new Int32Array(this.#capacity));
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

  /** Tapes of `length` numbers for each of so many rows: the same ones at every call. */
  tapes(count: number, rows: number, length: number): readonly StepTape[] {
    const room = Math.max(rows, this.#tapes[0]?.room ?? 0);
    if (this.#tapes[0]?.room !== room) this.#tapes = [];
    while (this.#tapes.length < count) this.#tapes.push(this.#newTape(room, length));
    return this.#tapes.slice(0, count);
  }

  /** One more tape, for use within a call. */
  ownTape(rows: number, length: number): StepTape {
    if (this.#own === undefined || this.#own.room < rows) this.#own = this.#newTape(rows, length);
    return this.#own;
  }

  #newTape(room: number, length: number): StepTape {
    return { address: this.lanes.reserve(room, length), room, leftOver: [] };
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

/** Layout of a batch of states in the memory of the compiled programs. */
import { LaneMemory } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { parameterValues, type StepType } from "./parameters.ts";

/** What the steps of one call left for their adjoint, in the memory of the programs. */
export interface StepTape {
  readonly address: number;
  /** The number of rows that it has room for. */
  readonly room: number;
  /** The number of rows whose steps are on it. */
  recorded: number;
  /** Rows left to `step`. */
  leftOver: readonly number[];
}

export class StepMemory {
  readonly lanes: LaneMemory;
  /** Numbers in the row of a state. */
  readonly width: number;
  readonly #model: Model;
  readonly #parameterCount: number;
  /** Numbers on the tape of a state. */
  readonly #tapeLength: number;
  readonly #states: Block;
  readonly #tapes: Block;
  readonly #own: Block;
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

  constructor(model: Model, dtype: StepType, forceCount: number, isOpen: boolean, tapeLength: number) {
    this.lanes = new LaneMemory(dtype);
    this.#model = model;
    this.width = model.nq + 2 * model.nv + forceCount;
    this.#parameterCount = isOpen ? parameterValues(model).length : 0;
    this.#tapeLength = tapeLength;
    this.#states = new Block(this.lanes, sum(this.#widths()));
    this.#tapes = new Block(this.lanes, tapeLength);
    this.#own = new Block(this.lanes, tapeLength);
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
    this.lanes.write(this.parameters, this.#parameterCount, values, new Int32Array(this.#states.rows));
    this.#loaded = robot;
  }

  /** Numbers per row of the arrays of `#reserve`, in its order. */
  #widths(): readonly number[] {
    const { nq, nv, nu } = this.#model;
    return [this.width, nu, 1, this.#parameterCount, nq + nv, nu];
  }

  #reserve(rows: number): void {
    if (!this.#states.grow(rows)) return;
    const { address, rows: room } = this.#states;
    const widths = this.#widths();
    const starts = widths.map((_, k) => this.lanes.at(address, room * sum(widths.slice(0, k))));
    [this.state, this.control, this.status, this.parameters, this.bars, this.controlBars] = starts as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    this.#loaded = undefined;
  }

  /** Tapes for so many rows each, in place of those of the call before. */
  tapes(count: number, rows: number): readonly StepTape[] {
    const [length, room] = [this.#tapeLength, this.lanes.padded(rows)];
    this.#tapes.grow(count * room);
    const { address } = this.#tapes;
    return Array.from({ length: count }, (_, k) => ({
      address: this.lanes.at(address, k * room * length),
      room: rows,
      recorded: 0,
      leftOver: [],
    }));
  }

  /** One more tape, for use within a call. */
  ownTape(rows: number): StepTape {
    this.#own.grow(rows);
    return { address: this.#own.address, room: rows, recorded: 0, leftOver: [] };
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

/** Memory for rows of `width` numbers. */
class Block {
  readonly #lanes: LaneMemory;
  readonly #width: number;
  address = 0;
  /** The number of rows that there is room for, in whole vectors. */
  rows = 0;

  constructor(lanes: LaneMemory, width: number) {
    this.#lanes = lanes;
    this.#width = width;
  }

  /**
   * Makes room for so many rows; says whether their place is new. What it outgrows is lost, so it grows to twice its
   * size at least, if there is room for that.
   */
  grow(rows: number): boolean {
    if (rows <= this.rows) return false;
    const { lanes, free } = this.#lanes;
    const most = Math.floor(free / this.#width / lanes) * lanes;
    const room = Math.max(this.#lanes.padded(rows), Math.min(2 * this.rows, most));
    this.address = this.#lanes.reserve(room, this.#width);
    this.rows = room;
    return true;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

/** A least-recently-used cache: when it is full, the entry that was not used for longest is dropped. */
export class Recent<K, V> {
  readonly #capacity: number;
  readonly #known = new Map<K, V>(); // a Map keeps the order in which keys were set

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: K): V | undefined {
    const value = this.#known.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#known.delete(key);
    this.#known.set(key, value);
    if (this.#known.size <= this.#capacity) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!); // there is one: the map is over its capacity
  }
}

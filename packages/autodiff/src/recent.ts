/** What was made for the keys asked for last; the one not asked for the longest goes when there are too many. */
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

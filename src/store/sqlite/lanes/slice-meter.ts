/** The longest slice of a reader thread since somebody asked, in memory that both threads see. */
export class SliceMeter {
  readonly #longestUs: Int32Array

  constructor(shared: SharedArrayBuffer) {
    this.#longestUs = new Int32Array(shared)
  }

  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(4)
  }

  /** Only the reader thread calls this. */
  note(ms: number): void {
    const us = Math.min(Math.round(ms * 1000), 0x7fff_ffff)
    if (us > Atomics.load(this.#longestUs, 0)) Atomics.store(this.#longestUs, 0, us)
  }

  /** Milliseconds; 0 where nothing was done since the last call. */
  takeLongestMs(): number {
    return Atomics.exchange(this.#longestUs, 0, 0) / 1000
  }
}

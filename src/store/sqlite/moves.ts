/**
 * Tells readers in other threads when a commit spans several files, which SQLite cannot make atomic: the number is odd
 * while it lasts. A reader that saw the same even number before and after taking its snapshots saw no call in between.
 */
export class Moves {
  readonly #epoch: Int32Array

  constructor(shared: SharedArrayBuffer) {
    this.#epoch = new Int32Array(shared)
  }

  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(4)
  }

  begin(): void {
    Atomics.add(this.#epoch, 0, 1)
  }

  end(): void {
    Atomics.add(this.#epoch, 0, 1)
    Atomics.notify(this.#epoch, 0)
  }

  /** Takes snapshots until no move fell in between. Waits for a move under way, at most 5 s. */
  settled(take: () => void): void {
    const deadline = Date.now() + 5000
    for (;;) {
      const before = Atomics.load(this.#epoch, 0)
      if (before % 2 === 0) {
        take()
        if (Atomics.load(this.#epoch, 0) === before) return
      } else Atomics.wait(this.#epoch, 0, before, 50)
      if (Date.now() > deadline) throw new Error('the writer has been between two commits for 5 s')
    }
  }
}

/** Where in the shared memory the last change that was committed stands. */
const COMMITTED = 1

/**
 * Tells readers in other threads when a commit spans several files, which SQLite cannot make atomic: the number is odd
 * while it lasts. A reader that saw the same even number before and after taking its snapshots saw no call in between.
 */
export class Moves {
  readonly #epoch: Int32Array
  readonly #changes: BigInt64Array

  constructor(shared: SharedArrayBuffer) {
    this.#epoch = new Int32Array(shared, 0, 1)
    this.#changes = new BigInt64Array(shared)
  }

  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(16)
  }

  begin(): void {
    Atomics.add(this.#epoch, 0, 1)
  }

  end(): void {
    Atomics.add(this.#epoch, 0, 1)
    Atomics.notify(this.#epoch, 0)
  }

  /** Every change up to this one is committed, in whatever file it lies. */
  commit(changeSeq: number): void {
    Atomics.store(this.#changes, COMMITTED, BigInt(changeSeq))
  }

  /**
   * What a reader that takes its snapshots afterwards sees without a gap: of changes beyond it, it may see one and miss
   * an earlier one, committed to another file.
   */
  committed(): number {
    return Number(Atomics.load(this.#changes, COMMITTED))
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

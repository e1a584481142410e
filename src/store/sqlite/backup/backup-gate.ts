const STATE = 0
const STOP = 1
/** In the same memory, in words of 64 bits. */
const LAST_CHANGE = 1
const OPEN = 0
const HELD = 1
const LEFT = 2
const GIVEN_UP = 3

/** How long the writer stands still for a backup to take its snapshots, and how long a backup waits for the writer. */
const HOLD_MS = 5000
const WAIT_MS = 60_000

/**
 * A moment at which no commit of calls is under way, shared between the writer's thread and a backup's: the writer stands
 * still between two groups while every file's snapshot is taken. Used for one backup.
 */
export class BackupGate {
  readonly #words: Int32Array
  readonly #changes: BigInt64Array

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared)
    this.#changes = new BigInt64Array(shared)
  }

  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(16)
  }

  /** The writer's side: says what the last change is, and stands still until the snapshots are taken, at most 5 s. */
  hold(lastChange: number): void {
    Atomics.store(this.#changes, LAST_CHANGE, BigInt(lastChange))
    if (Atomics.compareExchange(this.#words, STATE, OPEN, HELD) !== OPEN) return
    Atomics.notify(this.#words, STATE)
    Atomics.wait(this.#words, STATE, HELD, HOLD_MS)
    Atomics.compareExchange(this.#words, STATE, HELD, GIVEN_UP)
  }

  /**
   * The backup's side: does the work while the writer stands still. Throws where the writer did not come to stand within
   * a minute, or went on before the work was done.
   */
  whileHeld<T>(work: () => T): T {
    Atomics.wait(this.#words, STATE, OPEN, WAIT_MS)
    if (Atomics.load(this.#words, STATE) !== HELD) {
      Atomics.store(this.#words, STATE, LEFT)
      throw new Error('the writer did not come to a stand within a minute')
    }
    try {
      const result = work()
      if (Atomics.load(this.#words, STATE) !== HELD) throw new Error('the snapshots took longer than five seconds')
      return result
    } finally {
      Atomics.store(this.#words, STATE, LEFT)
      Atomics.notify(this.#words, STATE)
    }
  }

  /** The last change that is committed, while the writer stands still. */
  get lastChange(): number {
    return Number(Atomics.load(this.#changes, LAST_CHANGE))
  }

  /** Asks the backup to end at its next step. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1)
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOP) === 1
  }
}

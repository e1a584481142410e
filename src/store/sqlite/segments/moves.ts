import assert from 'node:assert/strict'

/** Where in the shared memory the last change that was committed stands, and the version of the range map. */
const COMMITTED = 1
const MAP_VERSION = 4
const SHIFTS = 5
const SPANS = 6
const WAITING = 7
/** A reader that was disturbed so often asks the writer to wait for it, and the writer waits so long at most. */
const PATIENT_ROUNDS = 8
const WRITER_WAITS_MS = 20

/**
 * Tells readers in other threads when a commit spans several files, which SQLite cannot make atomic: the number is odd
 * while it lasts. A reader that saw the same even number before and after taking its snapshots saw no call in between.
 */
export class Moves {
  readonly #epoch: Int32Array
  readonly #changes: BigInt64Array
  readonly #words: Int32Array

  constructor(shared: SharedArrayBuffer) {
    this.#epoch = new Int32Array(shared, 0, 1)
    this.#changes = new BigInt64Array(shared)
    this.#words = new Int32Array(shared)
  }

  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(32)
  }

  /** Not within another. Waits a moment where a reader could take no snapshots for long. */
  begin(): void {
    const waiting = Atomics.load(this.#words, WAITING)
    if (waiting > 0) Atomics.wait(this.#words, WAITING, waiting, WRITER_WAITS_MS)
    const before = Atomics.add(this.#epoch, 0, 1)
    assert(before % 2 === 0, 'a move began within another')
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

  /** Grows when the range map in `meta.db` changes, between `begin` and `end`: a reader that sees another reads the map again. */
  mapVersion(): number {
    return Atomics.load(this.#words, MAP_VERSION)
  }

  mapChanged(): void {
    Atomics.add(this.#words, MAP_VERSION, 1)
  }

  /** As `begin`, where calls go from one segment to another or the range map changes: rare, and told apart. */
  beginShift(): void {
    this.begin()
    Atomics.add(this.#words, SHIFTS, 1)
  }

  endShift(): void {
    Atomics.add(this.#words, SHIFTS, 1)
    this.end()
  }

  /**
   * A number that stays the same while no shift begins or ends, odd during one: who looked at file after file without
   * snapshots, found nothing, and saw the same even number before and after, has missed nothing.
   */
  shifts(): number {
    return Atomics.load(this.#words, SHIFTS)
  }

  /** To be told before and after a commit by which a file's `span` grows. */
  spansGrew(): void {
    Atomics.add(this.#words, SPANS, 1)
  }

  /** While this stays the same, a `span` that was read since is what a reader may go by. */
  spans(): number {
    return Atomics.load(this.#words, SPANS)
  }

  /**
   * Takes snapshots until no move fell in between. Waits for a move under way, at most 5 s; where moves come so fast that
   * none leaves time enough, the writer is asked to wait.
   */
  settled(take: () => void): void {
    const deadline = Date.now() + 5000
    let isAwaited = false
    try {
      for (let round = 0; ; round += 1) {
        const before = Atomics.load(this.#epoch, 0)
        if (before % 2 === 0) {
          take()
          if (Atomics.load(this.#epoch, 0) === before) return
        } else Atomics.wait(this.#epoch, 0, before, 50)
        if (Date.now() > deadline) throw new Error('the writer has been between two commits for 5 s')
        if (round === PATIENT_ROUNDS) {
          isAwaited = true
          Atomics.add(this.#words, WAITING, 1)
        }
      }
    } finally {
      if (isAwaited) {
        Atomics.sub(this.#words, WAITING, 1)
        Atomics.notify(this.#words, WAITING)
      }
    }
  }
}

interface Line<T> {
  items: T[]
  /** What the account has had of the thread's time, counted as if it had always been here. */
  hadMs: number
}

/**
 * What waits for a thread, a line for each account. The turn is that of the account that has had the least of the
 * thread's time; of two that have had the same, of the one that came first. An account that comes anew counts as having
 * had as much as the average of those that are here: it waits for nobody's whole line, and holds up nobody either.
 */
export class FairQueue<T> {
  readonly #lines = new Map<string, Line<T>>()
  #sharedMs = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(account: string, item: T): void {
    const line = this.#lines.get(account)
    if (line === undefined) this.#lines.set(account, { items: [item], hadMs: this.#sharedMs })
    else line.items.push(item)
    this.#size += 1
  }

  /** The head of the line whose turn it is, of those whose head `fits`; it stays where it is until it is removed. */
  next(fits: (head: T) => boolean): { account: string; item: T } | null {
    let found: { account: string; item: T } | null = null
    let leastMs = Number.POSITIVE_INFINITY
    for (const [account, { items, hadMs }] of this.#lines) {
      const head = items[0] as T
      if (hadMs >= leastMs || !fits(head)) continue
      leastMs = hadMs
      found = { account, item: head }
    }
    return found
  }

  /** An account has had so much of the thread's time. */
  spend(account: string, ms: number): void {
    const line = this.#lines.get(account)
    if (line === undefined) return
    line.hadMs += ms
    this.#sharedMs += ms / this.#lines.size
  }

  /** Takes an item out of its line, wherever it stands. An account without items is forgotten. */
  remove(account: string, item: T): void {
    const line = this.#lines.get(account)
    const at = line?.items.indexOf(item) ?? -1
    if (line === undefined || at < 0) return
    line.items.splice(at, 1)
    this.#size -= 1
    if (line.items.length === 0) this.#lines.delete(account)
  }
}

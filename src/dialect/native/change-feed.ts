import type { CallRecord } from '../../record/call-record.ts'
import { writeCall } from '../../record/wire.ts'
import type { CallStore } from '../../store/call-store.ts'
import { isPrimary } from '../../store/query.ts'
import { ChangeStream, type ChangeStreamGiven, type StreamPage } from './change-stream.ts'

/** Changes that are read at once for a stream: what one that does not keep up holds in memory. */
const PAGE_CALLS = 100

/** Which legs a stream tells of: all, or the one that stands for its conversation. */
export type StreamLegs = 'all' | 'primary'

export interface Watcher extends Pick<ChangeStreamGiven, 'after' | 'mayWatch' | 'heartbeatMs' | 'cutOff'> {
  accountId: string
  legs: StreamLegs
}

/** Every open stream of changes: wakes those of an account when it changes, and ends all when the server stops. */
export class ChangeFeed {
  readonly #calls: Pick<CallStore, 'changes' | 'watch'>
  readonly #streams = new Map<string, Set<ChangeStream>>()
  /** Pages being read, of each account, so that a hundred streams at one place read it once. */
  readonly #pages = new Map<string, Map<string, Promise<StreamPage>>>()
  #unwatch: (() => void) | null = null
  #stopped = false

  constructor(calls: Pick<CallStore, 'changes' | 'watch'>) {
    this.#calls = calls
  }

  /** Open streams of all accounts. */
  get open(): number {
    return [...this.#streams.values()].reduce((sum, { size }) => sum + size, 0)
  }

  openOf(accountId: string): number {
    return this.#streams.get(accountId)?.size ?? 0
  }

  /** A stream that begins with an event `ready`, then tells of each call of the account as it changes. */
  watch({ accountId, legs, ...given }: Watcher): ChangeStream {
    this.#unwatch ??= this.#calls.watch((changed) => this.#wake(changed))
    const stream = new ChangeStream({
      ...given,
      greeting: greeting(given.after),
      read: (after) => this.#page(accountId, { after, legs }),
      onClose: () => this.#forget(accountId, stream),
    })
    const streams = this.#streams.get(accountId) ?? new Set()
    this.#streams.set(accountId, streams.add(stream))
    if (this.#stopped) stream.end()
    return stream
  }

  /** Ends every stream, and those that would begin from now on. */
  stop(): void {
    this.#stopped = true
    this.#unwatch?.()
    for (const streams of this.#streams.values()) for (const stream of streams) stream.end()
  }

  #wake(changed: ReadonlyMap<string, number>): void {
    for (const [accountId, changeSeq] of changed) {
      // A read under way may have begun before this change could be seen: nobody else may share it.
      this.#pages.delete(accountId)
      for (const stream of this.#streams.get(accountId) ?? []) stream.wake(changeSeq)
    }
  }

  #forget(accountId: string, stream: ChangeStream): void {
    const streams = this.#streams.get(accountId)
    streams?.delete(stream)
    if (streams?.size === 0) this.#streams.delete(accountId)
  }

  #page(accountId: string, { after, legs }: { after: number; legs: StreamLegs }): Promise<StreamPage> {
    const pages = this.#pages.get(accountId) ?? new Map<string, Promise<StreamPage>>()
    this.#pages.set(accountId, pages)
    const key = `${after} ${legs}`
    const underWay = pages.get(key)
    if (underWay !== undefined) return underWay
    const page = this.#read(accountId, { after, legs }).finally(() => {
      pages.delete(key)
      if (pages.size === 0 && this.#pages.get(accountId) === pages) this.#pages.delete(accountId)
    })
    pages.set(key, page)
    return page
  }

  async #read(accountId: string, { after, legs }: { after: number; legs: StreamLegs }): Promise<StreamPage> {
    const { calls, next } = await this.#calls.changes({ accountId, after, limit: PAGE_CALLS })
    const told = legs === 'all' ? calls : calls.filter(isPrimary)
    // An event without data is no event, but moves the place from which the reader would resume.
    const passed = calls.length > 0 && told.at(-1)?.changeSeq !== next ? `id: ${next}\n\n` : ''
    return { text: told.map(callEvent).join('') + passed, next, more: calls.length === PAGE_CALLS }
  }
}

function greeting(after: number): string {
  return `retry: 1000\nid: ${after}\nevent: ready\ndata: ${JSON.stringify({ after })}\n\n`
}

/** JSON has no line breaks of its own, so it is one `data` line. */
function callEvent(call: CallRecord): string {
  return `id: ${call.changeSeq}\nevent: call\ndata: ${JSON.stringify(writeCall(call))}\n\n`
}

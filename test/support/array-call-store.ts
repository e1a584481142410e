import { assemble, statedPaths } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import { deriveFacts } from '../../src/record/derive.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import { type Report, reportHash } from '../../src/record/report.ts'
import type {
  CallPage,
  CallStore,
  ChangesPage,
  Derive,
  Outcome,
  SettingsOf,
  StoreStats,
} from '../../src/store/call-store.ts'
import { type CallQuery, compareScalars, fieldValue, matches, type Scalar } from '../../src/store/query.ts'

interface Held {
  id: number
  state: CallState
  record: CallRecord
  /** The reports as they came, oldest first. */
  raw: string[]
}

type Key = { accountId: string; callUuid: string }

const keyOf = ({ accountId, callUuid }: Key) => `${accountId} ${callUuid}`

const SCAN_ROWS = 500

/**
 * A call store in an array: the meaning of each method said as plainly as it can be. It is the model that the engines
 * are compared with, and it keeps nothing.
 *
 * Calls get the ids 1, 2, 3… in the order of their first report. One change sequence runs over all accounts and counts
 * every report that changed something.
 */
export class ArrayCallStore implements CallStore {
  readonly #settingsOf: SettingsOf
  readonly #derive: Derive
  readonly #held = new Map<string, Held>()
  readonly waitingReports = 0
  #seq = 0

  constructor({ settingsOf, derive = deriveFacts }: { settingsOf: SettingsOf; derive?: Derive }) {
    this.#settingsOf = settingsOf
    this.#derive = derive
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    return reports.map((report) => this.#store(report))
  }

  #store(report: Report): Outcome {
    const held = this.#held.get(keyOf(report))
    if (held?.state.reports.includes(reportHash(report))) return 'duplicate'
    const id = held?.id ?? this.#held.size + 1
    const state = fold(held?.state ?? null, report)
    this.#seq += 1
    const record = this.#record(report, { id, state })
    this.#held.set(keyOf(report), { id, state, record, raw: [...(held?.raw ?? []), report.raw] })
    return held === undefined ? 'stored' : 'updated'
  }

  #record({ accountId, callUuid }: Key, { id, state }: { id: number; state: CallState }): CallRecord {
    const { facts, receivedAtUs, updatedAtUs } = state
    const derived = this.#derive(facts, this.#settingsOf(accountId))
    const head = { id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq: this.#seq }
    return assemble(head, { ...derived, ...facts }, statedPaths(facts))
  }

  async find(key: Key): Promise<CallRecord | null> {
    return this.#held.get(keyOf(key))?.record ?? null
  }

  async findById({ accountId, id }: { accountId: string; id: number }): Promise<CallRecord | null> {
    return this.#recordsOf(accountId).find((call) => call.id === id) ?? null
  }

  async list(query: CallQuery): Promise<CallPage> {
    const found = this.#ordered(query)
    const from = found.slice(startOf(found, query))
    const calls = from.slice(0, query.limit)
    const last = calls.at(-1)
    return {
      calls,
      total: query.total ? found.length : null,
      next: last === undefined || calls.length === from.length ? null : placeOf(last, query),
    }
  }

  async *scan(query: Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>): AsyncIterable<CallRecord[]> {
    const found = this.#ordered(query)
    for (let at = 0; at < found.length; at += SCAN_ROWS) yield found.slice(at, at + SCAN_ROWS)
  }

  async changes({
    accountId,
    after,
    limit,
  }: {
    accountId: string
    after: number
    limit: number
  }): Promise<ChangesPage> {
    const changed = this.#recordsOf(accountId).filter(({ changeSeq }) => changeSeq > after)
    const calls = changed.sort((a, b) => a.changeSeq - b.changeSeq).slice(0, limit)
    return { calls, next: calls.at(-1)?.changeSeq ?? after }
  }

  async rawReports(key: Key): Promise<string[]> {
    return [...(this.#held.get(keyOf(key))?.raw ?? [])]
  }

  async stats(): Promise<StoreStats> {
    const held = [...this.#held.values()]
    const liveCalls = held.filter(({ record }) => record.endedAtUs === null).length
    return { calls: held.length, liveCalls, segments: 1 }
  }

  async close(): Promise<void> {}

  #recordsOf(accountId: string): CallRecord[] {
    return [...this.#held.values()].map(({ record }) => record).filter((call) => call.accountId === accountId)
  }

  /** Every match in the query's order; calls without a value for it are left out, of the total as well. */
  #ordered({ accountId, where, order }: Pick<CallQuery, 'accountId' | 'where' | 'order'>): CallRecord[] {
    const sign = order.descending ? -1 : 1
    return this.#recordsOf(accountId)
      .filter((call) => fieldValue(call, order.by) !== null && (where === null || matches(where, call)))
      .sort((a, b) => sign * comparePlaces(placeOf(a, { order }), placeOf(b, { order })))
  }
}

interface Place {
  value: Scalar
  id: number
}

function placeOf(call: CallRecord, { order }: Pick<CallQuery, 'order'>): Place {
  return { value: fieldValue(call, order.by) as Scalar, id: call.id }
}

function comparePlaces(a: Place, b: Place): number {
  return compareScalars(a.value, b.value) || a.id - b.id
}

/** Where a page begins: behind the place that `after` names, and `offset` rows on. */
function startOf(found: readonly CallRecord[], { order, after = null, offset = 0 }: CallQuery): number {
  if (after === null) return offset
  const sign = order.descending ? -1 : 1
  const behind = found.findIndex((call) => sign * comparePlaces(placeOf(call, { order }), after) > 0)
  return (behind < 0 ? found.length : behind) + offset
}

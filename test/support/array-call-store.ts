import { isDeepStrictEqual } from 'node:util'
import { assemble, statedPaths } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import { deriveFacts } from '../../src/record/derive.ts'
import type { Facts } from '../../src/record/facts.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import { type Report, reportHash } from '../../src/record/report.ts'
import {
  type FindTextKey,
  type ListTextQuery,
  loadEncoder,
  recordsText,
  recordsWriter,
  type ScanTextQuery,
  type TextPage,
  type TextPart,
} from '../../src/store/call-encoder.ts'
import type {
  CallPage,
  CallStore,
  ChangesPage,
  CountCheck,
  Derive,
  LaneLoad,
  Outcome,
  RawReports,
  SettingsOf,
  StoreStats,
} from '../../src/store/call-store.ts'
import type { CallQuery, Scalar } from '../../src/store/query.ts'
import { type SummaryQuery, type SummaryRow, SummaryRows } from '../../src/store/summary.ts'
import { comparePlaces, isPagedByOffset, ordered, placeOf } from './ordered.ts'

interface Held {
  id: number
  state: CallState
  /** As they were when a report last changed the call, or `rederive` did. */
  derived: Facts
  record: CallRecord
  /** The reports as they came, oldest first. */
  raw: string[]
}

type Key = { accountId: string; callUuid: string }

const keyOf = ({ accountId, callUuid }: Key) => `${accountId} ${callUuid}`

const SCAN_ROWS = 500
const MOST_FOUND = 1000

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
  readonly #listeners = new Set<(changed: ReadonlyMap<string, number>) => void>()
  readonly waitingReports = 0
  #seq = 0

  constructor({ settingsOf, derive = deriveFacts }: { settingsOf: SettingsOf; derive?: Derive }) {
    this.#settingsOf = settingsOf
    this.#derive = derive
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    return this.#telling(() => reports.map((report) => this.#store(report)))
  }

  #store(report: Report): Outcome {
    const held = this.#held.get(keyOf(report))
    if (held?.state.reports.includes(reportHash(report))) return 'duplicate'
    const id = held?.id ?? this.#held.size + 1
    const state = fold(held?.state ?? null, report)
    const derived = this.#derive(state.facts, this.#settingsOf(report.accountId))
    this.#hold(report, { id, state, derived, raw: [...(held?.raw ?? []), report.raw] })
    return held === undefined ? 'stored' : 'updated'
  }

  #hold({ accountId, callUuid }: Key, call: Omit<Held, 'record'>): void {
    this.#seq += 1
    const { facts, receivedAtUs, updatedAtUs } = call.state
    const head = { id: call.id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq: this.#seq }
    const record = assemble(head, { ...call.derived, ...facts }, statedPaths(facts))
    this.#held.set(keyOf({ accountId, callUuid }), { ...call, record })
  }

  /** Does it, and tells the listeners which accounts changed by it. */
  #telling<T>(change: () => T): T {
    const before = this.#seq
    const result = change()
    if (this.#listeners.size === 0) return result
    const changed = new Map<string, number>()
    for (const { record } of this.#held.values())
      if (record.changeSeq > Math.max(before, changed.get(record.accountId) ?? 0))
        changed.set(record.accountId, record.changeSeq)
    if (changed.size > 0) for (const listener of this.#listeners) listener(changed)
    return result
  }

  async rederive({
    accountId,
    callUuids,
    paths,
  }: {
    accountId: string
    callUuids: readonly string[]
    paths: readonly string[]
  }): Promise<number> {
    return this.#telling(() => callUuids.filter((callUuid) => this.#rederive({ accountId, callUuid }, paths)).length)
  }

  #rederive(key: Key, paths: readonly string[]): boolean {
    const held = this.#held.get(keyOf(key))
    if (held === undefined) return false
    const { facts } = held.state
    const fresh = this.#derive(facts, this.#settingsOf(key.accountId))
    const derived = { ...held.derived }
    for (const path of paths) {
      if (fresh[path] === undefined || facts[path] !== undefined) delete derived[path]
      else derived[path] = fresh[path]
    }
    if (isDeepStrictEqual(derived, held.derived)) return false
    this.#hold(key, { ...held, derived })
    return true
  }

  watch(listener: (changed: ReadonlyMap<string, number>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async find(key: Key): Promise<CallRecord | null> {
    return this.#held.get(keyOf(key))?.record ?? null
  }

  async findText({ encoder, ...key }: FindTextKey): Promise<string | null> {
    const call = await this.find(key)
    return call === null ? null : recordsText([call], encoder)
  }

  async findById({ accountId, id }: { accountId: string; id: number }): Promise<CallRecord | null> {
    return this.#recordsOf(accountId).find((call) => call.id === id) ?? null
  }

  async findBySession({ accountId, sessionId }: { accountId: string; sessionId: string }): Promise<CallRecord[]> {
    return byStart(this.#recordsOf(accountId).filter((call) => call.sessionId === sessionId))
  }

  async findBySourceId({ accountId, sourceId }: { accountId: string; sourceId: string }): Promise<CallRecord[]> {
    return byStart(this.#recordsOf(accountId).filter((call) => call.sourceId === sourceId))
  }

  async silent({ updatedBeforeUs, limit }: { updatedBeforeUs: number; limit: number }): Promise<CallRecord[]> {
    return [...this.#held.values()]
      .map(({ record }) => record)
      .filter(({ endedAtUs, updatedAtUs }) => endedAtUs === null && updatedAtUs < updatedBeforeUs)
      .sort((a, b) => a.updatedAtUs - b.updatedAtUs || a.id - b.id)
      .slice(0, limit)
  }

  async list(query: CallQuery): Promise<CallPage> {
    const byOffset = isPagedByOffset(query.order)
    if (byOffset && query.after) throw new Error('a list with blanks or several fields is paged by offset')
    const found = ordered(this.#recordsOf(query.accountId), query)
    const from = found.slice(startOf(found, query))
    const calls = from.slice(0, query.limit)
    const last = calls.at(-1)
    const isLast = last === undefined || calls.length === from.length || byOffset
    return {
      calls,
      total: query.total ? found.length : null,
      next: isLast ? null : { value: placeOf(last, query.order).values[0] as Scalar, id: last.id },
    }
  }

  async *scan(query: Omit<CallQuery, 'limit' | 'offset' | 'after' | 'total'>): AsyncIterable<CallRecord[]> {
    const found = ordered(this.#recordsOf(query.accountId), query)
    for (let at = 0; at < found.length; at += SCAN_ROWS) yield found.slice(at, at + SCAN_ROWS)
  }

  async listText({ encoder, ...query }: ListTextQuery): Promise<TextPage> {
    const { calls, ...page } = await this.list(query)
    return { ...page, calls: calls.length, text: recordsText(calls, await loadEncoder(encoder)) }
  }

  async *scanText({ encoder, ...query }: ScanTextQuery): AsyncIterable<TextPart> {
    const write = recordsWriter(await loadEncoder(encoder))
    for await (const page of this.scan(query)) yield { bytes: write(page), calls: page.length }
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

  async lastChange(accountId: string): Promise<number> {
    return Math.max(0, ...this.#recordsOf(accountId).map(({ changeSeq }) => changeSeq))
  }

  async liveCalls(): Promise<number> {
    return (await this.stats()).liveCalls
  }

  async summary({ accountId, by, edgesUs, legs }: SummaryQuery): Promise<SummaryRow[]> {
    const sums = new SummaryRows()
    for (const call of this.#recordsOf(accountId)) {
      const timeUs = call[by]
      const bucket = edgesUs.findLastIndex((edgeUs) => timeUs !== null && timeUs >= edgeUs)
      if (bucket < 0 || bucket === edgesUs.length - 1 || (legs === 'primary' && call.leg === 'b')) continue
      sums.add({
        bucket,
        direction: call.direction,
        calls: 1,
        answered: Number(call.answeredAtUs !== null),
        durationS: call.durationS ?? 0,
        billedS: call.cost.billedS ?? 0,
        currency: call.cost.currency,
        micros: BigInt(call.cost.amountMicros ?? 0),
      })
    }
    return sums.rows()
  }

  async checkCounts(): Promise<CountCheck> {
    return { counts: 0, wrong: [] }
  }

  lanes(): LaneLoad[] {
    return []
  }

  async logBytes(): Promise<null> {
    return null
  }

  upkeep(): null {
    return null
  }

  async rawReports(key: Key): Promise<RawReports> {
    return { reports: [...(this.#held.get(keyOf(key))?.raw ?? [])], unreadable: 0 }
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
}

/** By start and then by id, the first thousand. */
function byStart(calls: CallRecord[]): CallRecord[] {
  return calls.sort((a, b) => a.startedAtUs - b.startedAtUs || a.id - b.id).slice(0, MOST_FOUND)
}

/** Where a page begins: behind the place that `after` names, and `offset` rows on. */
function startOf(found: readonly CallRecord[], { order, after = null, offset = 0 }: CallQuery): number {
  if (after === null) return offset
  const place = { values: [after.value], id: after.id }
  const behind = found.findIndex((call) => comparePlaces(placeOf(call, order), place, order) > 0)
  return (behind < 0 ? found.length : behind) + offset
}

import assert from 'node:assert/strict'
import { derive } from '../../src/ingest/derive.ts'
import type { AccountSettings } from '../../src/record/account.ts'
import { assemble, statedPaths } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Facts } from '../../src/record/facts.ts'
import { type CallState, fold } from '../../src/record/merge.ts'
import type { Report } from '../../src/record/report.ts'
import type { Outcome } from '../../src/store/call-store.ts'

interface ModelCall {
  accountId: string
  callUuid: string
  /** Reports that were acknowledged, by their raw text, and those that were sent and not answered for. */
  there: Map<string, Report>
  perhaps: Map<string, Report>
  state: CallState | null
  /** What it derives; the second where a rederivation was not answered for. */
  derived: Facts
  perhapsDerived: Facts | null
  /** It was too old for its account, and nobody answered for its going. */
  perhapsGone: boolean
  /** An erasure of a number was begun that its reports had: what else is left of it the model does not say. */
  isErased: boolean
  /** As the store showed it last; null while it has not. */
  shown: { id: number; changeSeq: number; record: CallRecord } | null
}

/**
 * What a store must have, said with a map: of each call the set of its reports, of which it is a function. A crash leaves
 * reports that nobody answered for: the store may have each of them, whole, or not.
 */
export class Model {
  readonly #calls = new Map<string, ModelCall>()
  readonly #settings: Record<string, AccountSettings>
  readonly #erasures: { accountId: string; number: string; isDone: boolean }[] = []

  constructor(settings: Record<string, AccountSettings>) {
    this.#settings = structuredClone(settings)
  }

  get settings(): Readonly<Record<string, AccountSettings>> {
    return this.#settings
  }

  setSettings(accountId: string, settings: AccountSettings): void {
    this.#settings[accountId] = settings
  }

  /** Calls that the store is known to have. */
  get size(): number {
    return [...this.#calls.values()].filter(({ there }) => there.size > 0).length
  }

  sent(reports: readonly Report[]): void {
    for (const report of reports) {
      const call = this.#callOf(report)
      if (!call.there.has(report.raw)) call.perhaps.set(report.raw, report)
    }
  }

  /** What the store said of each report of a batch; batches are told in the order in which they were sent. */
  acknowledged(reports: readonly Report[], outcomes: readonly Outcome[]): void {
    assert.equal(outcomes.length, reports.length)
    for (const [at, report] of reports.entries()) {
      const call = this.#callOf(report)
      if (call.isErased) {
        this.#take(call, report)
        continue
      }
      const outcome = call.there.has(report.raw) ? 'duplicate' : call.there.size === 0 ? 'stored' : 'updated'
      assert.equal(outcomes[at], outcome, `what became of ${report.raw}`)
      this.#take(call, report)
    }
  }

  #take(call: ModelCall, report: Report): void {
    call.perhaps.delete(report.raw)
    if (call.there.has(report.raw)) return
    call.there.set(report.raw, report)
    call.perhapsGone = false
    if (this.#erasures.some(({ accountId, number }) => accountId === call.accountId && report.raw.includes(number)))
      call.isErased = true
    call.state = fold(call.state, report)
    call.derived = derive(call.state.facts, this.#settings[call.accountId] as AccountSettings)
    call.perhapsDerived = null
  }

  #callOf({ accountId, callUuid }: { accountId: string; callUuid: string }): ModelCall {
    const key = `${accountId} ${callUuid}`
    const held = this.#calls.get(key)
    if (held !== undefined) return held
    const made: ModelCall = {
      accountId,
      callUuid,
      there: new Map(),
      perhaps: new Map(),
      state: null,
      derived: {},
      perhapsDerived: null,
      perhapsGone: false,
      isErased: false,
      shown: null,
    }
    this.#calls.set(key, made)
    return made
  }

  /** Lets go the calls of an account that were over before a time; not `acknowledged`: each may be there or not. */
  retained(accountId: string, beforeUs: number, { acknowledged }: { acknowledged: boolean }): void {
    for (const [key, call] of this.#calls) {
      if (call.accountId !== accountId || call.state === null) continue
      const { endedAtUs, startedAtUs } = call.state.facts
      if (Number(endedAtUs ?? startedAtUs) >= beforeUs) continue
      if (acknowledged && !call.isErased) this.#calls.delete(key)
      else call.perhapsGone = true
    }
  }

  /** Takes a number out of every call of an account. */
  erased(accountId: string, number: string, { acknowledged }: { acknowledged: boolean }): void {
    const known = this.#erasures.find((erasure) => erasure.accountId === accountId && erasure.number === number)
    const erasure = known ?? { accountId, number, isDone: false }
    if (known === undefined) this.#erasures.push(erasure)
    erasure.isDone = acknowledged
    for (const call of this.#of(accountId))
      for (const raw of [...call.there.keys(), ...call.perhaps.keys()]) if (raw.includes(number)) call.isErased = true
  }

  /** Erasures that were begun and not answered for: they are to be done again. */
  get unfinishedErasures(): readonly { accountId: string; number: string }[] {
    return this.#erasures.filter(({ isDone }) => !isDone)
  }

  /** A rederivation that was sent; `acknowledged` where it was answered for too. */
  rederived(
    { accountId, callUuids, paths }: { accountId: string; callUuids: readonly string[]; paths: readonly string[] },
    { acknowledged }: { acknowledged: boolean },
  ): void {
    for (const callUuid of callUuids) {
      const call = this.#callOf({ accountId, callUuid })
      if (call.state === null) continue
      const fresh = derive(call.state.facts, this.#settings[accountId] as AccountSettings)
      const next = { ...call.derived }
      for (const path of paths) {
        if (fresh[path] === undefined || call.state.facts[path] !== undefined) delete next[path]
        else next[path] = fresh[path]
      }
      if (acknowledged) Object.assign(call, { derived: next, perhapsDerived: null })
      else call.perhapsDerived = next
    }
  }

  /** Calls of an account of which something was not answered for. */
  doubtful(accountId: string): string[] {
    return this.#of(accountId)
      .filter(({ perhaps }) => perhaps.size > 0)
      .map(({ callUuid }) => callUuid)
  }

  /** Calls of an account that there are, doubtful ones apart. */
  sure(accountId: string): string[] {
    return this.#of(accountId)
      .filter(
        ({ there, perhaps, ...call }) => there.size > 0 && perhaps.size === 0 && !call.perhapsGone && !call.isErased,
      )
      .map(({ callUuid }) => callUuid)
  }

  /** What the store has of a doubtful call settles what it has taken; empty where it has no such call. */
  settle(key: { accountId: string; callUuid: string }, raw: readonly string[]): void {
    const call = this.#callOf(key)
    if (call.isErased || call.perhapsGone) {
      const isNew = call.there.size === 0
      for (const report of [...call.perhaps.values()]) this.#take(call, report)
      Object.assign(call, { isErased: true, perhapsGone: isNew }) // Its reports tell no more what it has taken.
      return
    }
    assert.equal(new Set(raw).size, raw.length, `${key.callUuid} has a report twice`)
    for (const text of call.there.keys()) assert.ok(raw.includes(text), `${key.callUuid} lost a report: ${text}`)
    for (const text of raw) {
      const report = call.there.get(text) ?? call.perhaps.get(text)
      assert.ok(report, `${key.callUuid} has a report that was never sent: ${text}`)
      this.#take(call, report)
    }
    call.perhaps.clear()
  }

  /** Compares every call that the store shows of an account with what it should be. None of them may be doubtful. */
  compare(accountId: string, shown: readonly CallRecord[]): void {
    const byUuid = new Map(shown.map((record) => [record.callUuid, record]))
    const twice = shown.filter((record) => byUuid.get(record.callUuid) !== record)
    assert.deepEqual(twice, [], 'calls that are there twice')
    for (const call of this.#of(accountId)) {
      const record = byUuid.get(call.callUuid)
      if (record === undefined && call.perhapsGone) {
        this.#calls.delete(`${accountId} ${call.callUuid}`)
        continue
      }
      call.perhapsGone = call.perhapsGone && call.isErased
      if (call.there.size > 0) assert.ok(record, `${call.callUuid} was acknowledged and is gone`)
      else assert.equal(record, undefined, `${call.callUuid} is there, and no report of it`)
      byUuid.delete(call.callUuid)
      if (record !== undefined) this.#compareOne(call, record)
    }
    assert.deepEqual([...byUuid.keys()], [], 'calls that were never sent')
  }

  #compareOne(call: ModelCall, record: CallRecord): void {
    const { shown } = call
    if (call.perhapsDerived !== null) {
      const isTaken = same(record, recordOf(call, record, call.perhapsDerived))
      if (isTaken) call.derived = call.perhapsDerived
      call.perhapsDerived = null
    }
    if (call.isErased) this.#compareErased(call, record)
    else assert.deepEqual(record, recordOf(call, record, call.derived), call.callUuid)
    if (shown !== null) {
      assert.equal(record.id, shown.id, `${call.callUuid} has another id`)
      const changed = !same(record, { ...shown.record, changeSeq: record.changeSeq })
      assert.ok(record.changeSeq > shown.changeSeq || !changed, `${call.callUuid} changed without a change`)
    }
    call.shown = { id: record.id, changeSeq: record.changeSeq, record }
  }

  #compareErased({ accountId }: ModelCall, record: CallRecord): void {
    const text = JSON.stringify(record)
    for (const { number, isDone, ...erasure } of this.#erasures)
      if (isDone && erasure.accountId === accountId)
        assert.ok(!text.includes(number.slice(1)), `${number} was erased and is in ${text}`)
  }

  #of(accountId: string): ModelCall[] {
    return [...this.#calls.values()].filter((call) => call.accountId === accountId)
  }
}

function recordOf(call: ModelCall, { id, changeSeq }: CallRecord, derived: Facts): CallRecord {
  const { accountId, callUuid } = call
  const { facts, receivedAtUs, updatedAtUs } = call.state as CallState
  const head = { id, callUuid, accountId, receivedAtUs, updatedAtUs, changeSeq }
  return assemble(head, { ...derived, ...facts }, statedPaths(facts))
}

function same(a: CallRecord, b: CallRecord): boolean {
  try {
    assert.deepEqual(a, b)
    return true
  } catch {
    return false
  }
}

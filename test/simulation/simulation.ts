import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import type { CallPage, Outcome, StoreStats } from '../../src/store/call-store.ts'
import type { CallQuery } from '../../src/store/query.ts'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import type { SegmentSizes } from '../../src/store/sqlite/folder/segment-sizes.ts'
import { Faults } from '../faults/faults.ts'
import { anyExpr } from '../support/any-query.ts'
import { ordered } from '../support/ordered.ts'
import { Seeded } from '../support/seeded.ts'
import { crashPlan } from './crash-plan.ts'
import { Model } from './model.ts'
import { StoreGoneError, StoreProcess } from './store-process.ts'
import { Work } from './work.ts'

const ACCOUNTS = ['MAAAAAAAAAAAAAAAAAAA', 'MABBBBBBBBBBBBBBBBBB']
/** Small, so that some hundred calls are many segments. */
const SIZES: SegmentSizes = { openCalls: 40, fullCalls: 320, mergeYoung: 4, overallFrom: 3 }
const DAY_US = 86_400_000_000
/** The clock of the store: right, an hour or years wrong, either way. What its calls tell is of January 2024. */
const CLOCKS_AHEAD_S = [0, 0, 3600, -3600, 400 * 86_400, -4 * 365 * 86_400]
const BATCHES = 60
const AHEAD = 3

/** What happened in a run, for people. */
export interface Ran {
  /** The calls on files at which the process was killed, such as `fdatasync live.db-wal`. */
  crashes: string[]
  calls: number
  segments: number
}

/**
 * Runs a store with random work through that many crashes, and holds it against the model after each. The same seed
 * makes the same work and the same plans of crashes; when the store's threads come to which call differs from run to run.
 * `CALLTRAIL_TEST_KEEP=1` leaves the folder. Without `faults` the process is killed at any time, instead of at a call on
 * its files.
 */
export async function simulate({
  seed,
  crashes,
  faults,
}: {
  seed: number
  crashes: number
  faults: boolean
}): Promise<Ran> {
  const own = mkdtempSync(join(tmpdir(), 'calltrail-simulation-'))
  const random = new Seeded(seed)
  const simulation = new Simulation(join(own, 'data'), random, faults)
  try {
    for (let crash = 0; crash < crashes; crash += 1) await simulation.round()
    return await simulation.finish()
  } catch (error) {
    const crashed = simulation.crashes.join(', ')
    throw new Error(`seed ${seed}, crashed at ${crashed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await simulation.end()
    if (process.env.CALLTRAIL_TEST_KEEP === undefined) rmSync(own, { recursive: true })
    else console.log(`seed ${seed} leaves ${own}`)
  }
}

class Simulation {
  readonly #folder: string
  readonly #random: Seeded
  readonly #model: Model
  readonly #work: Work
  readonly #faulty: boolean
  /** The calls on files that the crashes were at. */
  readonly crashes: string[] = []
  #faults: Faults | null = null
  #process: StoreProcess | null = null
  #aheadS = 0

  constructor(folder: string, random: Seeded, faulty: boolean) {
    this.#folder = folder
    this.#random = random
    this.#faulty = faulty
    this.#model = new Model(Object.fromEntries(ACCOUNTS.map((id) => [id, defaultSettings(id)])))
    this.#work = new Work(random, ACCOUNTS)
  }

  /** Opens the folder, holds it against the model, closes it and examines it; opens it again, works, and crashes. */
  async round(): Promise<void> {
    const losses = this.#random.integer(0, 1) === 0
    this.#begin(losses)
    const isEarly = this.#random.integer(0, 4) === 0
    if (isEarly) this.#plan(losses) // A crash while it opens, mends, or is compared.
    try {
      await this.#open()
      await this.#compare()
      await this.#ask({ kind: 'close' })
      if (!isEarly) this.#examine()
      await this.#open()
      if (!isEarly) this.#plan(losses)
      await this.#doWork()
    } catch (error) {
      if (!(error instanceof StoreGoneError)) throw error
    }
    await this.#crash()
  }

  async finish(): Promise<Ran> {
    this.#begin(false)
    await this.#open()
    await this.#compare()
    const { segments } = await this.#ask<StoreStats>({ kind: 'stats' })
    await this.#ask({ kind: 'close' })
    this.#examine()
    return { crashes: this.crashes, calls: this.#model.size, segments }
  }

  async end(): Promise<void> {
    await this.#process?.kill()
    this.#faults?.remove()
  }

  #begin(losses: boolean): void {
    this.#faults?.remove()
    const journal = losses ? this.#random.integer(0, 3) * this.#random.integer(1, 1000) : null
    this.#faults = this.#faulty ? new Faults(this.#folder, { journal, clock: true }) : null
    this.#aheadS = this.#random.oneOf(CLOCKS_AHEAD_S) as number
    this.#faults?.set([], { aheadS: this.#aheadS })
    this.#process = new StoreProcess(this.#faults?.environment ?? {})
  }

  #plan(losses: boolean): void {
    this.#faults?.set([crashPlan(this.#random, { losses })], { aheadS: this.#aheadS })
  }

  /** The crash that was planned, or one now where it did not come about. An end of another kind is a fault of the store. */
  async #crash(): Promise<void> {
    const store = this.#process as StoreProcess
    await store.kill()
    assert.equal(await store.ended, null, `the store ended by itself: ${store.said}`)
    this.crashes.push(this.#faults?.struck()[0] ?? 'no call')
  }

  #open(): Promise<void> {
    const settings = this.#model.settings
    return this.#ask({ kind: 'open', folder: this.#folder, sizes: SIZES, settings: { ...settings } })
  }

  #ask<T>(request: Parameters<StoreProcess['ask']>[0]): Promise<T> {
    return (this.#process as StoreProcess).ask<T>(request)
  }

  async #doWork(): Promise<void> {
    const killAt = this.#faulty ? BATCHES : this.#random.integer(0, BATCHES - 1)
    const store = this.#process as StoreProcess
    const ahead: Promise<void>[] = []
    try {
      for (let batch = 0; batch < BATCHES; batch += 1) {
        if (batch === killAt) setTimeout(this.#random.integer(0, 20)).then(() => store.kill())
        if (this.#random.integer(0, 9) === 0) {
          await Promise.all(ahead)
          await this.#doOther()
        }
        ahead.push(this.#append(this.#work.batch()))
        await ahead[ahead.length - AHEAD]
      }
      await Promise.all(ahead)
    } finally {
      await Promise.allSettled(ahead)
    }
  }

  async #append(reports: readonly Report[]): Promise<void> {
    this.#model.sent(reports)
    const outcomes = await this.#ask<Outcome[]>({ kind: 'append', reports })
    this.#model.acknowledged(reports, outcomes)
  }

  /** What is not a report. */
  async #doOther(): Promise<void> {
    const kind = this.#random.integer(0, 9)
    if (kind === 0) await this.#retain()
    else if (kind < 3)
      await this.#erase({ accountId: this.#random.oneOf(ACCOUNTS) as string, number: this.#work.takeRare() })
    else await this.#rederive()
  }

  async #retain(): Promise<void> {
    const accountId = this.#random.oneOf(ACCOUNTS) as string
    const [callDays, { nowUs }] = [this.#random.integer(30, 500), this.#work]
    const beforeUs = nowUs - callDays * DAY_US
    this.#model.retained(accountId, beforeUs, { acknowledged: false })
    await this.#ask({ kind: 'retain', accountId, callDays, nowUs })
    this.#model.retained(accountId, beforeUs, { acknowledged: true })
  }

  async #erase({ accountId, number }: { accountId: string; number: string }): Promise<void> {
    const nowUs = this.#work.nowUs + 2 * DAY_US
    this.#model.erased(accountId, number, { acknowledged: false })
    await this.#ask({ kind: 'erase', accountId, digits: number.slice(1), nowUs })
    this.#model.erased(accountId, number, { acknowledged: true })
  }

  /** Other settings of an account, and what they make of some of its calls. */
  async #rederive(): Promise<void> {
    const accountId = this.#random.oneOf(ACCOUNTS) as string
    const settings: AccountSettings = {
      ...defaultSettings(accountId),
      currency: this.#random.oneOf(['USD', 'EUR', 'GBP']) as string,
      billingIncrement: { firstS: this.#random.integer(0, 2) * 30, nextS: this.#random.integer(1, 60) },
      serviceLevelS: this.#random.integer(1, 20),
    }
    this.#model.setSettings(accountId, settings)
    await this.#ask({ kind: 'settings', accountId, settings })
    const callUuids = this.#model.sure(accountId).filter(() => this.#random.integer(0, 3) === 0)
    const paths = ['cost.currency', 'cost.billedS', 'cost.amountMicros', 'center.callTypes']
    const given = { accountId, callUuids, paths }
    this.#model.rederived(given, { acknowledged: false })
    await this.#ask({ kind: 'rederive', given })
    this.#model.rederived(given, { acknowledged: true })
  }

  async #compare(): Promise<void> {
    for (const erasure of this.#model.unfinishedErasures) await this.#erase(erasure)
    for (const accountId of ACCOUNTS) {
      await this.#settle(accountId)
      const calls = await this.#ask<CallRecord[]>({ kind: 'everyCall', accountId })
      this.#model.compare(accountId, calls)
      await this.#compareChanges(accountId, calls)
      await this.#compareLists(accountId, calls)
      await this.#compareByUuid(accountId, calls)
    }
  }

  async #settle(accountId: string): Promise<void> {
    const some = this.#model.sure(accountId).filter(() => this.#random.integer(0, 20) === 0)
    const keys = [...this.#model.doubtful(accountId), ...some].map((callUuid) => ({ accountId, callUuid }))
    const raw = await this.#ask<string[][]>({ kind: 'rawReports', keys })
    for (const [at, key] of keys.entries()) this.#model.settle(key, raw[at] as string[])
  }

  /** Every call is a change once, in the order of changes. */
  async #compareChanges(accountId: string, calls: readonly CallRecord[]): Promise<void> {
    const changes = await this.#ask<CallRecord[]>({ kind: 'everyChange', accountId })
    assert.deepEqual(
      changes.map(({ callUuid }) => callUuid),
      [...calls].sort((a, b) => a.changeSeq - b.changeSeq).map(({ callUuid }) => callUuid),
    )
  }

  async #compareLists(accountId: string, calls: readonly CallRecord[]): Promise<void> {
    const seed = this.#random.integer(1, 1_000_000)
    for (const where of [null, ...fc.sample(anyExpr(calls), { numRuns: 6, seed })]) {
      const by = this.#random.oneOf(['startedAtUs', 'endedAtUs'] as const) as 'startedAtUs'
      const order = { by, descending: this.#random.integer(0, 2) > 0 }
      const offset = this.#random.integer(0, 1) * this.#random.integer(0, calls.length)
      const query: CallQuery = { accountId, where, order, limit: 20, offset, total: true }
      const page = await this.#ask<CallPage>({ kind: 'list', query })
      const expected = ordered(calls, query)
      const what = JSON.stringify(query)
      assert.equal(page.total, expected.length, `total of ${what}`)
      assert.deepEqual(
        page.calls.map(({ id }) => id),
        expected.slice(offset, offset + 20).map(({ id }) => id),
        what,
      )
    }
  }

  async #compareByUuid(accountId: string, calls: readonly CallRecord[]): Promise<void> {
    const some = calls.filter(() => this.#random.integer(0, 10) === 0)
    const keys = some.map(({ callUuid }) => ({ accountId, callUuid }))
    assert.deepEqual(await this.#ask({ kind: 'find', keys }), some)
  }

  #examine(): void {
    const problems = [...examineFolder(this.#folder, { full: true })]
      .filter(({ level, check }) => level !== 'ok' && check !== 'disk' && check !== 'modes')
      .map(({ check, what }) => `${check}: ${what}`)
    assert.deepEqual(problems, [])
  }
}

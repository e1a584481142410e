import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport, type Body, us } from '../../../../test/support/a-report.ts'
import { countFaults } from '../../../../test/support/count-faults.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { Seeded } from '../../../../test/support/seeded.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { defaultSettings } from '../../../record/account.ts'
import type { Report } from '../../../record/report.ts'
import { formatRfc3339 } from '../../../record/time.ts'
import type { CallStore } from '../../call-store.ts'
import { folderPaths } from '../folder/folder.ts'
import { DAY_US, FAMILY, NO_VALUE, QUARTER_US } from '../folder/schema.ts'
import type { SegmentSizes } from '../folder/segment-sizes.ts'
import { currencyCode } from '../row/currency-code.ts'
import { FLAG } from '../row/row-columns.ts'
import { microsOf } from './amount-parts.ts'

const [UUID, INBOUND, OUTBOUND] = [uuidOf(1), 0, 1]
const COUNTED = FLAG.primary | FLAG.onTrunk

const correction = (over: Body, seconds: number) =>
  aReport({ call_uuid: UUID, kind: 'correction', reported_at: `2024-01-15T15:00:0${seconds}Z`, ...over })

describe('the counts of a segment', () => {
  let at: SqliteStoreInFolder
  let store: CallStore
  beforeEach(async () => {
    at = new SqliteStoreInFolder()
    store = await at.open()
  })
  afterEach(() => at.remove())

  const rows = (table: string) => {
    const db = new DatabaseSync(join(folderPaths(at.folder).segments, '000001.db'), { readOnly: true })
    const found = db.prepare(`SELECT * FROM ${table} ORDER BY account, family, bucket, direction`).all()
    db.close()
    return found.map(({ account, ...row }) => ({ ...row }))
  }
  const quarters = () => rows('quarters')
  /** When the quarters of a family begin, in seconds, and the calls of each. */
  const spread = (family: keyof typeof FAMILY) =>
    quarters()
      .filter((row) => row.family === FAMILY[family])
      .map(({ bucket, calls }) => [formatRfc3339(Number(bucket) * QUARTER_US).slice(11, 16), calls])

  it('count a call by its start and by its end, in quarters of an hour with its sums and in days', async () => {
    const ended_at = '2024-01-15T14:45:00Z'
    const cost = { currency: 'EUR', billed_seconds: 960, amount: '1.25' }
    await store.append([aReport({ ended_at, cost, hangup: { code: 3010 }, center: { call_types: ['overflowed'] } })])
    const sums = { calls: 1, answered: 1, duration: 960, billed_s: 960, amount: 1_250_000, amount_high: 0 }
    const side = { direction: INBOUND, flags: COUNTED }
    const quarter = (family: number, time: string) => {
      const bucket = us(`2024-01-15T${time}Z`) / QUARTER_US
      return { family, bucket, ...side, currency: currencyCode('EUR'), ...sums }
    }
    assert.deepEqual(quarters(), [quarter(FAMILY.startedAt, '14:15:00'), quarter(FAMILY.endedAt, '14:45:00')])
    const day = {
      bucket: us('2024-01-15T00:00:00Z') / DAY_US,
      ...side,
      hangup_code: 3010,
      call_types: 1 << 7,
      calls: 1,
    }
    assert.deepEqual(rows('days'), [
      { family: FAMILY.startedAt, ...day },
      { family: FAMILY.endedAt, ...day },
    ])
  })

  it('say of what a call has not that it has no value, and add nothing', async () => {
    await store.append([aReport({ answered_at: null, cost: null })])
    const { currency, answered, duration, billed_s, amount } = quarters()[0] as Record<string, number>
    assert.deepEqual([currency, answered, duration, billed_s, amount], [NO_VALUE, 0, 0, 0, 0])
    assert.deepEqual([rows('days')[0]?.calls, rows('days')[0]?.call_types === null], [1, false])
  })

  it('tell a B leg from the others', async () => {
    await store.append([aReport(), aReport({ call_uuid: uuidOf(2), leg: 'b', parent_uuid: uuidOf(1) })])
    assert.deepEqual(
      quarters().map(({ flags, calls }) => [flags, calls]),
      [
        [0, 1],
        [COUNTED, 1],
        [0, 1],
        [COUNTED, 1],
      ],
    )
  })

  it('count a call when it has ended, and not before', async () => {
    await store.append([aLiveReport({ call_uuid: UUID })])
    assert.deepEqual(quarters(), [])
    await store.append([aReport({ call_uuid: UUID })])
    assert.deepEqual([spread('startedAt'), spread('endedAt')], [[['14:15', 1]], [['14:30', 1]]])
  })

  it('count a call once, however many reports it has', async () => {
    await store.append([aReport({ call_uuid: UUID }), aReport({ call_uuid: UUID })])
    await store.append([aReport({ call_uuid: UUID }), correction({ quality: { mos: 4 } }, 1)])
    await store.append([correction({ cost: { amount: '2' } }, 2), correction({ cost: { amount: '3' } }, 3)])
    assert.deepEqual(
      quarters().map(({ calls, amount }) => [calls, amount]),
      [
        [1, 3_000_000],
        [1, 3_000_000],
      ],
    )
    assert.deepEqual(countFaults(at.folder), [])
  })

  it('take a call that was corrected from one bucket to another, and keep no bucket without calls', async () => {
    await store.append([aReport({ call_uuid: UUID })])
    await store.append([correction({ started_at: '2024-01-16T09:00:00Z', ended_at: '2024-01-16T09:59:59Z' }, 1)])
    assert.deepEqual([spread('startedAt'), spread('endedAt')], [[['09:00', 1]], [['09:45', 1]]])
    assert.deepEqual(
      rows('days').map(({ bucket }) => bucket),
      [19738, 19738],
    )
  })

  it('take a call that was corrected from one direction to another', async () => {
    await store.append([aReport({ call_uuid: UUID })])
    await store.append([correction({ direction: 'outbound' }, 1)])
    assert.deepEqual(
      quarters().map(({ direction, calls }) => [direction, calls]),
      [
        [OUTBOUND, 1],
        [OUTBOUND, 1],
      ],
    )
    assert.deepEqual(new Set(rows('days').map(({ direction }) => direction)), new Set([OUTBOUND]))
  })

  it('have nothing of a group that was rolled back', async () => {
    await store.append([aReport({ call_uuid: UUID })])
    const before = [quarters(), rows('days')]
    await assert.rejects(
      store.append([aReport({ call_uuid: uuidOf(2) }), aReport({ call_uuid: uuidOf(3), to: { number: 'poison' } })]),
    )
    assert.deepEqual([quarters(), rows('days')], before)
    await store.append([aReport({ call_uuid: uuidOf(4) })])
    assert.deepEqual(spread('startedAt'), [['14:15', 2]])
    assert.deepEqual(countFaults(at.folder), [])
  })

  it('add amounts up that no number holds exactly', async () => {
    const most = '999999999.999999'
    const reports = Array.from({ length: 60 }, (_, n) =>
      aReport({ call_uuid: uuidOf(n), cost: { amount: most, currency: 'USD' } }),
    )
    await store.append(reports.slice(0, 40))
    for (const report of reports.slice(40)) await store.append([report])
    const micros = quarters().map(({ amount, amount_high }) => microsOf(Number(amount), Number(amount_high)))
    assert.deepEqual(micros, Array(2).fill(60n * 999_999_999_999_999n))
    assert.deepEqual(countFaults(at.folder), [])
  })

  it('add amounts up that 64 bits do not hold, as do merged segments and summaries', async () => {
    await store.close()
    store = await at.open({ segmentSizes: { openCalls: 5000, fullCalls: 20_000, mergeYoung: 2, overallFrom: 3 } })
    const calls = 10_100
    const cost = { amount: '-999999999.999999', currency: 'USD' }
    const started = (n: number) => formatRfc3339(us('2024-01-15T14:15:00Z') + n * 1000)
    for (let from = 0; from < calls; from += 2525) {
      const some = Array.from({ length: 2525 }, (_, n) => {
        const times = { started_at: started(from + n), answered_at: null, ended_at: '2024-01-15T14:29:00Z' }
        return aReport({ call_uuid: uuidOf(from + n), cost, ...times })
      })
      await store.append(some)
    }
    while ((await store.stats()).segments > 2) assert.equal(store.upkeep()?.lastFailure ?? null, null)
    const day = [us('2024-01-15T00:00:00Z'), us('2024-01-16T00:00:00Z')]
    for (const edgesUs of [day, [us('2024-01-15T14:15:00Z'), us('2024-01-15T14:29:59Z')]]) {
      const rows = await store.summary({ accountId: ALICE, by: 'startedAtUs', edgesUs, legs: 'primary' })
      assert.deepEqual(rows[0]?.amounts, [{ currency: 'USD', micros: BigInt(calls) * -999_999_999_999_999n }])
    }
    await store.close()
    assert.deepEqual(countFaults(at.folder), [])
  })

  for (const seed of [1, 2, 3, 4])
    it(`are what the calls say after anything that can happen to calls, seed ${seed}`, async () => {
      await store.close()
      const story = new AnyStory(at, seed)
      await story.tell({
        groups: 25,
        eachGroup: (group) => assert.deepEqual(countFaults(at.folder), [], `group ${group}`),
      })
      assert.ok(quarters().length > 20)
    })

  for (const seed of [11, 12, 13])
    it(`are so too in segments that roll, merge and split, between which calls move, seed ${seed}`, async () => {
      await store.close()
      const story = new AnyStory(at, seed, { openCalls: 4, fullCalls: 12, mergeYoung: 2, overallFrom: 3 })
      for (let part = 0; part < 4; part += 1) {
        await story.tell({ groups: 12 })
        assert.deepEqual(countFaults(at.folder), [], `part ${part}`)
      }
      const files = readdirSync(folderPaths(at.folder).segments).filter((name) => name.endsWith('.db'))
      assert.ok(files.length > 1)
    })
})

const CALLS = 30
const HOURS = ['00:00:00', '23:59:59.999999', '14:29:59.999999', '14:30:00', '02:15:00.000001']

/** A store to which one thing happens after another: the same for the same seed. */
class AnyStory {
  readonly #at: SqliteStoreInFolder
  readonly #random: Seeded
  readonly #segmentSizes: Partial<SegmentSizes>
  #settings = defaultSettings('Anybody')
  #reports = 0

  constructor(at: SqliteStoreInFolder, seed: number, segmentSizes: Partial<SegmentSizes> = {}) {
    this.#at = at
    this.#random = new Seeded(seed)
    this.#segmentSizes = segmentSizes
  }

  /** Groups of reports, refused ones among them, derivations by other settings, and restarts; closes the store in the end. */
  async tell({ groups, eachGroup = () => {} }: { groups: number; eachGroup?: (group: number) => void }): Promise<void> {
    let store = await this.#open()
    for (let group = 0; group < groups; group += 1) {
      const reports = Array.from({ length: this.#random.integer(1, 12) }, () => this.#report())
      const isRefused = this.#random.integer(0, 9) === 0
      if (isRefused) reports.push(aReport({ call_uuid: uuidOf(999), to: { number: 'poison' } }))
      if (isRefused) await assert.rejects(store.append(reports))
      else await store.append(reports)
      if (this.#random.integer(0, 4) === 0) await this.#rederive(store)
      if (this.#random.integer(0, 9) === 0) {
        await store.close()
        store = await this.#open()
      }
      eachGroup(group)
    }
    await store.close()
  }

  #open(): Promise<CallStore> {
    return this.#at.open({ settingsOf: () => this.#settings, segmentSizes: this.#segmentSizes })
  }

  #report(): Report {
    this.#reports += 1
    const accountId = this.#random.oneOf([ALICE, 'MA000000000000000002']) as string
    return aReport(anyChange(this.#random, this.#reports), { accountId, arrivedAtUs: us('2024-01-18T00:00:00Z') })
  }

  async #rederive(store: CallStore): Promise<void> {
    const billingIncrement = { firstS: 60, nextS: this.#random.integer(1, 60) }
    this.#settings = { ...this.#settings, currency: this.#random.oneOf(['EUR', 'USD']) as string, billingIncrement }
    const callUuids = Array.from({ length: CALLS }, (_, n) => uuidOf(n))
    const paths = ['cost.currency', 'cost.billedS', 'cost.amountMicros']
    await store.rederive({ accountId: ALICE, callUuids, paths })
  }
}

/** A report of one of a few calls: its start, its end, or any correction of it. */
function anyChange(random: Seeded, ordinal: number): Body {
  const time = () => `2024-01-${random.integer(14, 16)}T${random.oneOf(HOURS)}Z`
  const maybe = <T>(value: T) => (random.integer(0, 2) === 0 ? value : null)
  const [started_at = '', answered_at = '', ended_at = ''] = [time(), time(), time()].sort()
  return {
    call_uuid: uuidOf(random.integer(0, CALLS - 1)),
    kind: random.oneOf(['start', 'cdr', 'cdr', 'correction', 'end']),
    reported_at: formatRfc3339(us('2024-01-17T00:00:00Z') + ordinal * 1_000_000 - random.integer(0, 30_000_000)),
    direction: random.oneOf(['inbound', 'outbound', 'internal', 'transit']),
    leg: random.oneOf(['whole', 'a', 'b', null]),
    started_at,
    answered_at: maybe(answered_at),
    ended_at: random.integer(0, 3) > 0 ? ended_at : null,
    hangup: maybe({ code: random.oneOf([3000, 4410, 99_999, 0]) }),
    trunk: maybe({ id: '1260' }),
    center: maybe({ call_types: random.oneOf([['abandoned'], ['abandoned_distributed', 'all_inbound'], []]) }),
    cost: maybe({
      rate: '0.06',
      amount: maybe(random.oneOf(['-0.5', '12.345678'])),
      currency: random.oneOf(['GBP', 'gbp', '€', null]),
    }),
  }
}

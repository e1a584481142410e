import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import type { SummaryQuery, SummaryRow } from '../../src/store/summary.ts'
import { aLiveReport, aReport, type Body, us } from '../support/a-report.ts'
import { Seeded } from '../support/seeded.ts'
import { uuidOf, variedReports } from '../support/varied-calls.ts'
import type { Check } from './call-store.ts'

const time = (clock: string) => us(`2024-01-15T${clock}Z`)
const edges = (...clocks: string[]) => clocks.map(time)

/** Rows by their bucket and direction: how many calls there are. */
const spread = (rows: readonly SummaryRow[]) =>
  rows.map(({ bucket, direction, calls }) => `${bucket} ${direction} ${calls}`)

/** A call of some seconds that began at a time of the day. */
const call = (n: number, started: string, seconds: number, over: Body = {}): Body => {
  const startedUs = time(started)
  const at = (afterUs: number) => new Date((startedUs + afterUs) / 1000).toISOString()
  return {
    call_uuid: uuidOf(n),
    started_at: at(0),
    answered_at: at(1_000_000),
    ended_at: at((seconds + 1) * 1_000_000),
    ...over,
  }
}

/** Every call of an account. */
async function everyCall(store: CallStore, accountId: string): Promise<CallRecord[]> {
  const order = { by: 'startedAtUs', descending: true } as const
  return (await store.list({ accountId, where: null, order, limit: 1000, total: true })).calls
}

interface Sums {
  calls: number
  answered: number
  durationS: number
  billedS: number
  amounts: Record<string, bigint>
}

/** A summary as it follows from the calls themselves. */
function summed(calls: readonly CallRecord[], { by, edgesUs, legs }: SummaryQuery) {
  const rows = new Map<string, Sums>()
  for (const { leg, direction, answeredAtUs, durationS, cost, ...times } of calls) {
    const timeUs = times[by]
    if (timeUs === null || (legs === 'primary' && leg === 'b')) continue
    const bucket = edgesUs.findIndex((edgeUs, n) => timeUs >= edgeUs && timeUs < (edgesUs[n + 1] ?? edgeUs))
    if (bucket < 0) continue
    const key = `${bucket} ${direction}`
    const row = rows.get(key) ?? { calls: 0, answered: 0, durationS: 0, billedS: 0, amounts: {} }
    const { amounts } = row
    const currency = String(cost.currency)
    if (cost.amountMicros) amounts[currency] = (amounts[currency] ?? 0n) + BigInt(cost.amountMicros)
    rows.set(key, {
      calls: row.calls + 1,
      answered: row.answered + (answeredAtUs === null ? 0 : 1),
      durationS: row.durationS + (durationS ?? 0),
      billedS: row.billedS + (cost.billedS ?? 0),
      amounts,
    })
  }
  for (const row of rows.values())
    row.amounts = Object.fromEntries(Object.entries(row.amounts).filter(([, sum]) => sum !== 0n))
  return Object.fromEntries(rows)
}

const asSummed = (rows: readonly SummaryRow[]) =>
  Object.fromEntries(
    rows.map(({ bucket, direction, amounts, ...sums }) => [
      `${bucket} ${direction}`,
      { ...sums, amounts: Object.fromEntries(amounts.map(({ currency, micros }) => [String(currency), micros])) },
    ]),
  )

/** Calls added up by time. */
export const summing: Check[] = [
  {
    it: 'adds calls up by bucket and direction: how many, how many answered, their seconds, and amounts by currency',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const cost = (amount: string, currency: string, seconds: number) => ({
        cost: { amount, currency, billed_seconds: seconds },
      })
      await store.append(
        [
          call(1, '10:00:00', 60, cost('0.5', 'USD', 120)),
          call(2, '10:20:00', 30, cost('1', 'EUR', 60)),
          call(3, '10:40:00', 10, { ...cost('0.25', 'USD', 60), answered_at: null }),
          call(4, '10:50:00', 10, { direction: 'outbound', cost: null }),
          call(5, '12:59:59', 5),
        ].map((body) => aReport(body, { accountId })),
      )
      const query = { accountId, by: 'startedAtUs', legs: 'primary' } as const
      const rows = await store.summary({ ...query, edgesUs: edges('10:00:00', '11:00:00', '12:00:00', '13:00:00') })
      const none = { answered: 1, billedS: 0, amounts: [] }
      assert.deepEqual(rows, [
        {
          bucket: 0,
          direction: 'inbound',
          calls: 3,
          answered: 2,
          durationS: 90,
          billedS: 240,
          amounts: [
            { currency: 'EUR', micros: 1_000_000n },
            { currency: 'USD', micros: 750_000n },
          ],
        },
        { ...none, bucket: 0, direction: 'outbound', calls: 1, durationS: 10, billedS: 10 },
        { ...none, bucket: 2, direction: 'inbound', calls: 1, durationS: 5, billedS: 5 },
      ])
    },
  },
  {
    it: 'holds the time where a bucket begins in it, and the one where it ends in the next',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const starts = ['09:59:59.999999', '10:00:00', '10:07:29.999999', '10:07:30', '11:00:00']
      await store.append(starts.map((started, n) => aReport(call(n, started, 1), { accountId })))
      const query = { accountId, by: 'startedAtUs', legs: 'primary' } as const
      const rows = await store.summary({ ...query, edgesUs: edges('10:00:00', '10:07:30', '10:08:00', '11:00:00') })
      assert.deepEqual(spread(rows), ['0 inbound 2', '1 inbound 1'])
    },
  },
  {
    it: 'adds up by the end too, where a call that has none is in no bucket',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      await store.append([
        aReport(call(1, '09:59:00', 120), { accountId }),
        aReport(call(2, '10:59:59', 1), { accountId }),
        aLiveReport(call(3, '10:30:00', 1, { ended_at: null }), { accountId }),
      ])
      const query = { accountId, edgesUs: edges('10:00:00', '11:00:00', '12:00:00'), legs: 'primary' } as const
      assert.deepEqual(spread(await store.summary({ ...query, by: 'endedAtUs' })), ['0 inbound 1', '1 inbound 1'])
      assert.deepEqual(spread(await store.summary({ ...query, by: 'startedAtUs' })), ['0 inbound 2'])
    },
  },
  {
    it: 'counts a conversation once, or every leg of it',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const legs = { leg: 'b', parent_uuid: uuidOf(1) }
      await store.append([
        aReport(call(1, '10:00:00', 60), { accountId }),
        aReport(call(2, '10:00:00', 60, legs), { accountId }),
      ])
      const query = { accountId, by: 'startedAtUs', edgesUs: edges('10:00:00', '10:15:00') } as const
      assert.deepEqual(spread(await store.summary({ ...query, legs: 'primary' })), ['0 inbound 1'])
      assert.deepEqual(spread(await store.summary({ ...query, legs: 'all' })), ['0 inbound 2'])
    },
  },
  {
    it: 'follows a correction from one bucket to another, and what settings derive anew',
    async run({ store, newAccount, setSettings }) {
      const accountId = newAccount()
      const query = {
        accountId,
        by: 'startedAtUs',
        edgesUs: edges('10:00:00', '11:00:00', '12:00:00'),
        legs: 'all',
      } as const
      const rated = { cost: { rate: '0.06' } }
      await store.append([aReport(call(1, '10:00:00', 100, rated), { accountId })])
      assert.deepEqual((await store.summary(query))[0]?.amounts, [{ currency: 'USD', micros: 100_000n }])
      const correction = call(1, '11:10:00', 100, { kind: 'correction', reported_at: '2024-01-15T20:00:00Z', ...rated })
      await store.append([aReport(correction, { accountId, arrivedAtUs: us('2024-01-15T20:00:00Z') })])
      assert.deepEqual(spread(await store.summary(query)), ['1 inbound 1'])
      setSettings(accountId, { currency: 'EUR', billingIncrement: { firstS: 60, nextS: 60 } })
      const paths = ['cost.currency', 'cost.billedS', 'cost.amountMicros']
      await store.rederive({ accountId, callUuids: [uuidOf(1)], paths })
      const [row] = await store.summary(query)
      assert.deepEqual([row?.billedS, row?.amounts], [120, [{ currency: 'EUR', micros: 120_000n }]])
    },
  },
  {
    it: 'tells currencies apart that are no three capital letters, and leaves out what comes to nothing',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const costs = [
        ['1', '€'],
        ['2', 'usd'],
        ['4', '€'],
        ['8', 'GBP'],
        ['-8', 'GBP'],
        ['16', 'USD'],
      ] as const
      await store.append(
        costs.map(([amount, currency], n) =>
          aReport(call(n, '10:01:00', 1, { cost: { amount, currency } }), { accountId }),
        ),
      )
      for (const edgesUs of [edges('10:00:00', '10:15:00'), edges('10:00:01', '10:14:59')]) {
        const [row] = await store.summary({ accountId, by: 'startedAtUs', edgesUs, legs: 'primary' })
        assert.equal(row?.calls, costs.length)
        assert.deepEqual(
          row?.amounts.map(({ currency, micros }) => [currency, Number(micros) / 1e6]),
          [
            ['USD', 16],
            ['usd', 2],
            ['€', 5],
          ],
        )
      }
    },
  },
  {
    it: 'keeps currencies apart that are not three capital letters, though together they come to 0',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const costs = [
        { amount: '5', currency: 'usd' },
        { amount: '-5', currency: 'eur' },
      ]
      await store.append(costs.map((cost, n) => aReport(call(n, '10:01:00', 1, { cost }), { accountId })))
      for (const edgesUs of [edges('10:00:00', '10:15:00'), edges('10:00:01', '10:14:59')]) {
        const [row] = await store.summary({ accountId, by: 'startedAtUs', edgesUs, legs: 'primary' })
        assert.deepEqual(row?.amounts, [
          { currency: 'eur', micros: -5_000_000n },
          { currency: 'usd', micros: 5_000_000n },
        ])
      }
    },
  },
  {
    it: 'adds up amounts that no number holds exactly',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const cost = { amount: '999999999.999999', currency: 'USD' }
      await store.append(Array.from({ length: 20 }, (_, n) => aReport(call(n, '10:01:00', 1, { cost }), { accountId })))
      const edgesUs = edges('10:00:00', '11:00:00')
      const [row] = await store.summary({ accountId, by: 'startedAtUs', edgesUs, legs: 'primary' })
      assert.equal(row?.amounts[0]?.micros, 20n * 999_999_999_999_999n)
    },
  },
  {
    it: 'has nothing of an account without calls, nor of another',
    async run({ store, newAccount }) {
      const [accountId, stranger] = [newAccount(), newAccount()]
      await store.append([aReport(call(1, '10:00:00', 60), { accountId: stranger })])
      const query = { by: 'startedAtUs', edgesUs: edges('00:00:00', '23:59:59'), legs: 'all' } as const
      assert.deepEqual(await store.summary({ ...query, accountId }), [])
    },
  },
  {
    it: 'says what the calls themselves say, whatever they are and wherever the edges lie',
    async run({ store, newAccount }) {
      const accountId = newAccount()
      const random = new Seeded(7)
      await store.append(variedReports({ count: 150, seed: 5, accountId }))
      const calls = await everyCall(store, accountId)
      const known = calls.flatMap(({ startedAtUs, endedAtUs }) => [startedAtUs, endedAtUs ?? startedAtUs])
      for (let round = 0; round < 30; round += 1) {
        const anEdge = () =>
          (random.oneOf(known) as number) + (random.oneOf([0, 1, -450_000_000, 86_400_000_000]) as number)
        const edgesUs = [...new Set(Array.from({ length: random.integer(2, 9) }, anEdge))].sort((a, b) => a - b)
        if (edgesUs.length < 2) continue
        const by = random.oneOf(['startedAtUs', 'endedAtUs'] as const) ?? 'startedAtUs'
        const query: SummaryQuery = { accountId, by, edgesUs, legs: random.oneOf(['primary', 'all'] as const) ?? 'all' }
        assert.deepEqual(asSummed(await store.summary(query)), summed(calls, query), `by ${by}, ${edgesUs.join(' ')}`)
      }
    },
  },
]

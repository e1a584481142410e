import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ARRIVED_AT_US, aCall, aLiveBody, aLiveReport, aReport, type Body, us } from '../../test/support/a-report.ts'
import { ALICE } from '../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../test/support/varied-calls.ts'
import { type CallStore, ReportsRefusedError, StoreBusyError } from '../store/call-store.ts'
import { inferredEnd, Reaper } from './reaper.ts'

const HOUR_US = 3_600_000_000

describe('the reaper', () => {
  const at = new SqliteStoreInFolder()
  let store: CallStore
  before(async () => {
    store = await at.open()
  })
  after(() => at.remove())

  /** One that ends calls of which nothing came for an hour, at a time after the arrival of the tests' reports. */
  const reaperAt = (afterUs: number, over: Partial<ConstructorParameters<typeof Reaper>[0]> = {}) =>
    new Reaper({
      calls: store,
      now: () => ARRIVED_AT_US + afterUs,
      silentCallS: 3600,
      onError: (error) => {
        throw error
      },
      ...over,
    })
  const find = (callUuid: string) => store.find({ accountId: ALICE, callUuid })

  it('ends a call of which nothing came for too long, and says that it inferred the end', async () => {
    const callUuid = uuidOf(1)
    await store.append([aLiveReport({ call_uuid: callUuid })])
    assert.equal(await reaperAt(HOUR_US).reap(), 0)
    assert.equal((await find(callUuid))?.state, 'answered')
    const reaper = reaperAt(HOUR_US + 1)
    assert.deepEqual([await reaper.reap(), reaper.inferred], [1, 1])
    const call = await find(callUuid)
    assert.deepEqual(
      [call?.state, call?.endInferred, call?.endedAtUs, call?.source],
      ['ended', true, us('2024-01-15T14:29:00Z'), 'fs-london'],
    )
    const [, raw] = (await store.rawReports({ accountId: ALICE, callUuid })).reports
    assert.equal((JSON.parse(raw as string) as Body).inferred_by, 'reaper')
  })

  it('finds nothing to do the second time, and would change nothing by doing it', async () => {
    const callUuid = uuidOf(2)
    await store.append([aLiveReport({ call_uuid: callUuid })])
    const [silent] = await store.silent({ updatedBeforeUs: ARRIVED_AT_US + 1, limit: 1 })
    await reaperAt(2 * HOUR_US).reap()
    assert.equal(await reaperAt(3 * HOUR_US).reap(), 0)
    const again = inferredEnd(silent as NonNullable<typeof silent>, ARRIVED_AT_US + 3 * HOUR_US)
    assert.deepEqual(await store.append([again]), ['duplicate'])
  })

  it('yields to a late end, whatever it says', async () => {
    const callUuid = uuidOf(3)
    await store.append([aLiveReport({ call_uuid: callUuid })])
    await reaperAt(2 * HOUR_US).reap()
    const late = { call_uuid: callUuid, kind: 'end', ended_at: '2024-01-15T14:28:59Z' }
    await store.append([aReport(late, { arrivedAtUs: ARRIVED_AT_US + 3 * HOUR_US })])
    const call = await find(callUuid)
    assert.deepEqual([call?.endInferred, call?.endedAtUs], [false, us('2024-01-15T14:28:59Z')])
  })

  it('leaves alone a call of which something came meanwhile', async () => {
    const callUuid = uuidOf(4)
    await store.append([aLiveReport({ call_uuid: callUuid })])
    const update = { call_uuid: callUuid, kind: 'update', tags: ['still here'] }
    await store.append([aLiveReport(update, { arrivedAtUs: ARRIVED_AT_US + HOUR_US })])
    assert.equal(await reaperAt(HOUR_US + HOUR_US / 2).reap(), 0)
    assert.equal(await reaperAt(3 * HOUR_US).reap(), 1)
  })

  it('ends more calls than fit into one look', async () => {
    await store.append(Array.from({ length: 1100 }, (_, n) => aLiveReport({ call_uuid: uuidOf(1000 + n) })))
    assert.equal(await reaperAt(2 * HOUR_US).reap(), 1100)
  })

  it('ends the others when one cannot be stored, and does not ask for that one for ever', async () => {
    await store.append([5, 6, 7].map((n) => aLiveReport({ call_uuid: uuidOf(n) })))
    const errors: unknown[] = []
    const calls: Pick<CallStore, 'silent' | 'append'> = {
      silent: (query) => store.silent(query),
      append: async (reports) => {
        if (reports.some(({ callUuid }) => callUuid === uuidOf(6))) throw new ReportsRefusedError('poison')
        return store.append(reports)
      },
    }
    assert.equal(await reaperAt(2 * HOUR_US, { calls, onError: (error) => errors.push(error) }).reap(), 2)
    assert.ok(errors.length > 0)
  })

  it('comes to every call, however many before it cannot be stored, and asks for those once', async () => {
    const poison = (callUuid: string) => callUuid < uuidOf(6000)
    const [early, late] = [ARRIVED_AT_US, ARRIVED_AT_US + HOUR_US]
    const numbers = Array.from({ length: 700 }, (_, n) => 5000 + n)
    await store.append(numbers.map((n) => aLiveReport({ call_uuid: uuidOf(n) }, { arrivedAtUs: early })))
    const others = Array.from({ length: 600 }, (_, n) => 6000 + n)
    await store.append(others.map((n) => aLiveReport({ call_uuid: uuidOf(n) }, { arrivedAtUs: late })))
    let asked = 0
    const calls: Pick<CallStore, 'silent' | 'append'> = {
      silent: (query) => store.silent(query),
      append: async (reports) => {
        const refused = reports.filter(({ callUuid }) => poison(callUuid)).length
        asked += refused
        if (refused > 0) throw new ReportsRefusedError('poison')
        return store.append(reports)
      },
    }
    let errors = 0
    const reaper = reaperAt(3 * HOUR_US, { calls, onError: () => (errors += 1) })
    assert.equal(await reaper.reap(), 600)
    const before = { asked, errors }
    assert.equal(await reaper.reap(), 0)
    assert.deepEqual({ asked, errors }, before)
    // Something came of one of them: it may be stored now.
    const update = { call_uuid: uuidOf(5000), kind: 'update', tags: ['mended'] }
    await store.append([aLiveReport(update, { arrivedAtUs: early + 1 })])
    await reaper.reap()
    assert.ok(asked > before.asked)
    await reaperAt(3 * HOUR_US).reap()
    assert.equal((await find(uuidOf(5000)))?.state, 'ended')
  })

  it('leaves it to the next look when too much is waiting', async () => {
    await reaperAt(2 * HOUR_US).reap()
    await store.append([aLiveReport({ call_uuid: uuidOf(8) })])
    const busy = { silent: store.silent.bind(store), append: () => Promise.reject(new StoreBusyError()) }
    await assert.rejects(reaperAt(2 * HOUR_US, { calls: busy }).reap(), StoreBusyError)
    assert.equal(await reaperAt(2 * HOUR_US).reap(), 1)
  })
})

describe('an inferred end', () => {
  const live = (over: Body): ReturnType<typeof aCall> => aCall(aLiveBody(over))
  const center = (over: Body): Body => ({ center: over })
  const cases: [body: Body, endedAt: string, because: string][] = [
    [{ answered_at: null }, '14:28:48', 'of a call that did not even ring, its start'],
    [{ answered_at: null, rang_at: '2024-01-15T14:28:50Z' }, '14:28:50', 'of one that rang, that'],
    [{}, '14:29:00', 'of one that was answered, the answer'],
    [
      center({ queues: [{ queued_at: '2024-01-15T14:29:10Z', left_at: '2024-01-15T14:30:00Z' }] }),
      '14:30:00',
      'the last that a queue tells',
    ],
    [
      center({ agents: [{ id: 1, started_at: '2024-01-15T14:30:10Z', answered_at: '2024-01-15T14:30:20Z' }] }),
      '14:30:20',
      'the last that an agent tells',
    ],
    [center({ ivr: { id: 1, entered_at: '2024-01-15T14:29:30Z' } }), '14:29:30', 'the menu that it came to'],
    [{ answered_at: '2024-01-15T20:00:00Z' }, '14:35:00', 'never later than now'],
    [{ started_at: '2024-01-15T20:00:00Z', answered_at: null }, '20:00:00', 'never before the start'],
  ]
  for (const [body, endedAt, because] of cases)
    it(`is at ${endedAt}: ${because}`, () => {
      assert.equal(inferredEnd(live(body), ARRIVED_AT_US).facts.endedAtUs, us(`2024-01-15T${endedAt}Z`))
    })
})

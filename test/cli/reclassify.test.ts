import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

interface Answer {
  account_id: string
  since: string | null
  dry_run: boolean
  calls: number
  changed: number
  call_types: Record<string, { before: number; after: number }>
  service_level: { formula: string; before: number | null; after: number | null }
}

/** A call into a queue at ten on a day of January 2026, answered or given up after so many seconds. */
function queueCall({ id, day, waitS, by, ...more }: Record<string, unknown> & { day: number; waitS: number }): object {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, day, 10) + seconds * 1000).toISOString()
  const answered = by === 'answer'
  const queue = { ring_group: { id: 1, name: 'Sales' }, queued_at: at(0), left_at: at(waitS), left_by: by }
  return {
    source_id: id,
    direction: 'inbound',
    from: { number: '+12025551234' },
    started_at: at(0),
    ended_at: at(answered ? waitS + 60 : waitS),
    center: { queues: [queue], agents: answered ? [{ id: 1, answered_at: at(waitS) }] : [], ...more },
  }
}

const CALLS = [
  queueCall({ id: 'in-time', day: 5, waitS: 20, by: 'answer' }),
  queueCall({ id: 'late', day: 6, waitS: 25, by: 'answer' }),
  queueCall({ id: 'given-up', day: 7, waitS: 15, by: 'hangup' }),
  queueCall({ id: 'short', day: 8, waitS: 5, by: 'hangup' }),
  queueCall({ id: 'late-again', day: 9, waitS: 25, by: 'answer' }),
  queueCall({ id: 'stated', day: 9, waitS: 25, by: 'answer', call_types: ['all_inbound', 'overflowed'] }),
  { ...queueCall({ id: 'b-leg', day: 9, waitS: 25, by: 'answer' }), leg: 'b' },
  { source_id: 'out', direction: 'outbound', started_at: '2026-01-09T10:00:00Z', ended_at: '2026-01-09T10:01:00Z' },
  { source_id: 'live', direction: 'inbound', started_at: '2026-01-09T10:00:00Z' },
]

for (const { where, served } of [
  { where: 'alone', served: false },
  { where: 'on a folder that is being served', served: true },
])
  describe(`calltrail reclassify, ${where}`, () => {
    const at = new CliFolder(FIRST_ACCOUNT)
    before(async () => {
      const { refused } = await at.json(['import', '-'], {
        input: CALLS.map((call) => JSON.stringify(call)).join('\n'),
      })
      assert.equal(refused, 0)
      if (served) await at.serve()
    })
    after(() => at.remove())

    /** The call types of each call, but for the two that say no more than its direction and its answer. */
    const types = async (): Promise<Record<string, string>> => {
      const { stdout } = await at.run(['export', 'legs=all'])
      const calls = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      const telling = (all: string[]) =>
        all.filter((type) => !['all_inbound', 'inbound_answered'].includes(type)).join()
      return Object.fromEntries(calls.map(({ source_id, call_types }) => [source_id, telling(call_types)]))
    }
    const AT_FIRST = {
      'in-time': 'inbound_answered_within_sla',
      late: 'inbound_answered_but_not_within_sla',
      'given-up': 'abandoned',
      short: 'short_abandoned',
      'late-again': 'inbound_answered_but_not_within_sla',
      stated: 'overflowed',
      'b-leg': '',
      out: 'all_outbound,outbound_not_answered',
      live: '',
    }
    const SINCE_THE_NINTH = { ...AT_FIRST, 'late-again': 'inbound_answered_within_sla' }
    const AT_LAST = { ...SINCE_THE_NINTH, late: 'inbound_answered_within_sla', 'given-up': 'short_abandoned' }

    it('has nothing to do while the settings are what they were', async () => {
      const { calls, changed, service_level } = await at.json<Answer>(['reclassify'])
      assert.deepEqual({ calls, changed }, { calls: 8, changed: 0 })
      // One in time; offered are in-time, late, given-up, late-again and the stated one.
      assert.deepEqual(service_level, { formula: 'without_short', before: 0.2, after: 0.2 })
    })

    it('shows what changed settings would do, and does nothing of it', async () => {
      await at.json(['account', 'set', ALICE, 'service_level_s=30', 'short_abandon_s=16'])
      assert.deepEqual(await types(), AT_FIRST, 'history keeps the settings that were in force')
      const answer = await at.json<Answer>(['reclassify', '--dry-run'])
      const { call_types, ...rest } = answer
      assert.deepEqual(rest, {
        account_id: ALICE,
        since: null,
        dry_run: true,
        calls: 8,
        changed: 3,
        // Then three of four are in time: given-up is short and counts no more.
        service_level: { formula: 'without_short', before: 0.2, after: 0.75 },
      })
      const changing = Object.entries(call_types).filter(([, { before, after }]) => before !== after)
      assert.deepEqual(Object.fromEntries(changing), {
        inbound_answered_within_sla: { before: 1, after: 3 },
        inbound_answered_but_not_within_sla: { before: 2, after: 0 },
        abandoned: { before: 1, after: 0 },
        short_abandoned: { before: 1, after: 2 },
      })
      assert.deepEqual(call_types.all_inbound, { before: 6, after: 6 }, 'each conversation once')
      assert.deepEqual(await types(), AT_FIRST)
    })

    it('shows the same to people', async () => {
      const { code, stdout } = await at.run(['reclassify', '--dry-run'])
      assert.equal(code, 0)
      assert.match(stdout, /^CALL TYPE +BEFORE +AFTER +CHANGE$/m)
      assert.match(stdout, /^short_abandoned +1 +2 +1$/m)
      assert.doesNotMatch(stdout, /callback/)
      assert.match(stdout, /^service level \(without_short\): 20\.0 % before, 75\.0 % after$/m)
      assert.match(stdout, /^8 calls, 3 would change$/m)
    })

    it('changes only what ended since a time, by the clock of the account', async () => {
      const first = await at.json<Answer>(['reclassify', '--since', '2026-01-09'])
      assert.deepEqual([first.since, first.calls, first.changed], ['2026-01-09T00:00:00.000000Z', 4, 1])
      assert.deepEqual(await types(), SINCE_THE_NINTH)
    })

    it('lets a report that comes late be judged as what was reclassified beside it', async () => {
      const late = [
        queueCall({ id: 'before', day: 8, waitS: 25, by: 'answer' }),
        queueCall({ id: 'since', day: 10, waitS: 25, by: 'answer' }),
      ]
      await at.json(['import', '-'], { input: late.map((call) => JSON.stringify(call)).join('\n') })
      const { before: early, since } = await types()
      assert.deepEqual([early, since], ['inbound_answered_but_not_within_sla', 'inbound_answered_within_sla'])
    })

    it('changes all of history, and each call once', async () => {
      const { calls, changed } = await at.json<Answer>(['reclassify'])
      assert.deepEqual({ calls, changed }, { calls: 10, changed: 3 })
      const { before: early, since, ...rest } = await types()
      assert.deepEqual(rest, AT_LAST)
      assert.deepEqual([early, since], ['inbound_answered_within_sla', 'inbound_answered_within_sla'])
      assert.equal((await at.json<Answer>(['reclassify'])).changed, 0)
      const { stdout } = await at.run(['reclassify'])
      assert.match(stdout, /^10 calls, 0 changed$/m)
    })

    it('refuses a time that is none, and an account that is not there', async () => {
      const wrong = await at.run(['reclassify', '--since', 'yesterday'])
      assert.equal(wrong.code, 2)
      assert.match(wrong.stderr, /--since yesterday: must be a time/)
      assert.equal((await at.run(['reclassify', '--account', 'MA000000000000000000'])).code, 2)
    })
  })

describe('calltrail reclassify, interrupted', () => {
  const CALLS_OF_MANY = 8000
  const at = new CliFolder(FIRST_ACCOUNT)
  before(() => at.json(['import', '-'], { input: ndjsonCalls(CALLS_OF_MANY).join('\n') }))
  after(() => at.remove())

  it('is finished by running it again', async () => {
    await at.json(['account', 'set', ALICE, 'service_level_s=3'])
    const first = at.start(['reclassify'])
    await first.said(/ % {2}.* calls/)
    first.kill('SIGINT')
    const { code } = await first.ended
    assert.ok(code === 130 || code === 0, String(code))
    const { changed, call_types } = await at.json<Answer>(['reclassify'])
    assert.equal(code === 130, changed > 0)
    assert.deepEqual(call_types.inbound_answered_within_sla?.after, 0)
    const again = await at.json<Answer>(['reclassify', '--dry-run'])
    assert.deepEqual([again.calls, again.changed], [CALLS_OF_MANY, 0])
  })
})

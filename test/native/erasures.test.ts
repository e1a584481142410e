import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aBody } from '../support/a-report.ts'
import { placesOf } from '../support/folder-texts.ts'
import type { Answer } from '../support/native-admin.ts'
import { RunningServer } from '../support/running-server.ts'

const NUMBER = '+12025551234'

describe('POST /calltrail/v1/erasures', () => {
  let server: RunningServer
  let ended: Answer
  const erase = (body: unknown) =>
    server.native('/erasures', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const read = async (path: string): Promise<Answer> => (await server.native(path)).json() as Promise<Answer>
  const bills = (call: Answer) => {
    const { started_at, ended_at, duration, cost, direction, hangup, call_types, from } = call
    return { started_at, ended_at, duration, cost, direction, hangup, call_types, country: from.country }
  }

  before(async () => {
    server = await RunningServer.start()
    await server.post([
      aBody({ call_uuid: null, source_id: 'ended', cost: { rate: '0.01' }, from: { number: NUMBER, name: 'Erika' } }),
      aBody({ call_uuid: null, source_id: 'live', to: { number: NUMBER }, ended_at: null }),
      aBody({ call_uuid: null, source_id: 'other', from: { number: '+12025551299' }, user_data: 'not 12025551299' }),
      aBody({ call_uuid: null, source_id: 'bad', from: { number: NUMBER }, started_at: 'never' }),
    ])
    ended = (await read('/calls?source_id=ended')).calls[0]
  })
  after(() => server.stop())

  it('refuses what is no number, and what has too few digits', async () => {
    for (const number of ['alice', '123456', '']) {
      const answer = await erase({ number, reason: 'asked' })
      assert.equal(answer.status, 400, number)
    }
    assert.equal((await erase({ number: NUMBER })).status, 400)
    assert.deepEqual(await read('/erasures'), { erasures: [] })
  })

  it('takes the number out of calls, reports and the quarantine, and answers what it did', async () => {
    const summary = await read('/summary?from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z')
    const answer = await erase({ number: '(+1) 202 555-1234', reason: `request of ${NUMBER}` })
    assert.equal(answer.status, 201)
    const erasure = (await answer.json()) as Answer
    assert.deepEqual([erasure.calls, erasure.reports, erasure.quarantined, erasure.last_two_digits], [2, 2, 1, '34'])
    assert.equal(erasure.reason, 'request of (erased)')
    assert.match(erasure.number_hash, /^[0-9a-f]{32}$/)
    assert.ok(erasure.finished_at >= erasure.begun_at)
    assert.deepEqual(await read('/erasures'), { erasures: [erasure] })
    assert.deepEqual(await read('/summary?from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z'), summary)
    assert.deepEqual((await read('/quarantine')).total, 0)
  })

  it('leaves the call with its bill, under its id', async () => {
    const [call] = (await read('/calls?source_id=ended')).calls
    assert.deepEqual(
      [call.id, call.call_uuid, call.from.number, call.from.name],
      [ended.id, ended.call_uuid, null, null],
    )
    assert.deepEqual(bills(call), bills(ended))
    assert.ok(call.change_seq > ended.change_seq, 'who follows the changes hears of it')
    assert.deepEqual(await read(`/calls/${call.call_uuid}/reports`).then(({ reports }) => reports ?? []), [])
    const [other] = (await read('/calls?source_id=other')).calls
    assert.deepEqual([other.from.number, other.user_data], ['+12025551299', 'not 12025551299'])
  })

  it('does not let the number come back: not by the end of a live call, nor by the same records again', async () => {
    await server.post(aBody({ call_uuid: null, source_id: 'live', to: { number: NUMBER, name: 'Erika' } }))
    await server.post(aBody({ call_uuid: null, source_id: 'late', from: { number: NUMBER, name: 'Erika' } }))
    const bad = aBody({ call_uuid: null, source_id: 'bad', from: { number: NUMBER }, started_at: 'never' })
    await server.post(bad)
    const { calls } = await read('/calls?started_at__gte=2024-01-01T00:00:00Z')
    assert.deepEqual(calls.length, 4)
    assert.doesNotMatch(JSON.stringify(calls), /2025551234"|Erika/)
    assert.equal((await read('/calls?source_id=live')).calls[0].duration, 180)
    assert.equal((await read('/quarantine')).total, 0)
  })

  it('keeps what the number does from then on', async () => {
    const now = new Date().toISOString()
    await server.post({
      source_id: 'new',
      direction: 'inbound',
      from: { number: NUMBER },
      started_at: now,
      ended_at: now,
    })
    assert.equal((await read('/calls?source_id=new')).calls[0].from.number, NUMBER)
    const [first, second] = [await erase({ number: NUMBER, reason: 'again' }), await read('/erasures')]
    assert.equal(first.status, 201)
    assert.deepEqual(
      second.erasures.map(({ calls }: Answer) => calls),
      [1, 2],
    )
    assert.equal(second.erasures[0].number_hash, second.erasures[1].number_hash)
  })

  it('leaves its digits nowhere in the data folder', () => {
    assert.deepEqual(placesOf(server.folder, '2025551234'), [])
  })
})

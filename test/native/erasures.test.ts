import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { aBody } from '../support/a-report.ts'
import { placesOf } from '../support/folder-texts.ts'
import type { Answer } from '../support/native-admin.ts'
import { ACCOUNT, RunningServer } from '../support/running-server.ts'

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

describe('what is refused after an erasure', () => {
  let server: RunningServer
  const native = async (path: string, { method, body }: { method: string; body: unknown }): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' }
    return (await server.native(path, { method, headers, body: JSON.stringify(body) })).json() as Promise<Answer>
  }
  const post = async (body: unknown): Promise<Answer> => (await server.post(body)).json() as Promise<Answer>
  const erase = () => native('/erasures', { method: 'POST', body: { number: NUMBER, reason: 'asked' } })
  const raws = () =>
    server.calltrail.directory.quarantined({ accountId: null, limit: 100 }).entries.map(({ raw }) => raw)

  before(async () => {
    server = await RunningServer.start()
    assert.equal((await erase()).last_two_digits, '34')
  })
  after(() => server.stop())

  const began = '2024-01-15T14:28:48Z'
  const inTheWay: { because: string; body: object }[] = [
    { because: 'a field cannot be read', body: aBody({ direction: 'weird', started_at: began }) },
    { because: 'its start cannot be read', body: aBody({ started_at: 'never' }) },
    { because: 'it does not say when its call began', body: { from: { number: NUMBER }, direction: 'weird' } },
    { because: 'it lies in the future, where no clock is', body: aBody({ started_at: '2150-01-01T00:00:00Z' }) },
    {
      because: 'its end cannot be read, and it lies in the future',
      body: aBody({ started_at: '2150-01-01', ended_at: 'x' }),
    },
    { because: 'the name of a field is the number', body: { [NUMBER]: 1, started_at: began } },
  ]
  for (const { because, body } of inTheWay)
    it(`tells the sender why, and is not kept with the number: ${because}`, async () => {
      const { rejected_total, rejected } = await post(body)
      assert.equal(rejected_total, 1)
      assert.ok(rejected[0].field.length > 0 && rejected[0].reason.length > 0)
      assert.deepEqual(raws(), [])
    })

  it('is not kept where it is older than the account keeps calls', async () => {
    await native('/account', { method: 'PATCH', body: { retention: { call_days: 30 } } })
    const { rejected } = await post(aBody())
    await native('/account', { method: 'PATCH', body: { retention: { call_days: null } } })
    assert.match(rejected[0].reason, /older than this account keeps calls/)
    assert.deepEqual(raws(), [])
  })

  it('is not kept where it is no JSON, and holds the number as people write it', async () => {
    const headers = { 'content-type': 'application/x-ndjson' }
    const lines = 'a call from +1 (202) 555-1234'
    const answer = await server.native('/calls', { method: 'POST', headers, body: lines })
    assert.equal(((await answer.json()) as Answer).rejected_total, 1)
    assert.deepEqual(raws(), [])
  })

  it('leaves its digits nowhere in the data folder', () => {
    assert.deepEqual(placesOf(server.folder, '5551234').concat(placesOf(server.folder, '555-1234')), [])
  })

  it('is kept where it holds other numbers only', async () => {
    const body = aBody({ direction: 'weird', from: { number: '+12025551299' } })
    await post([aBody({ direction: 'weird' }), body])
    assert.deepEqual(raws(), [JSON.stringify(body)])
  })

  it('is kept where the call began after the erasure: the subscriber is a customer again', async () => {
    const body = { from: { number: NUMBER }, direction: 'weird', started_at: new Date().toISOString() }
    await post(body)
    assert.equal(raws()[0], JSON.stringify(body))
    assert.equal((await erase()).quarantined, 1, 'until it is erased again')
    await post(body)
    assert.equal(raws().length, 1)
  })

  const entry = { source: 'pbx', accountId: null, arrivedAtUs: 1, origin: null, field: 'account', reason: 'no rule' }

  it('is looked at where it belongs to no account, if who erased may look at those', () => {
    const { directory, now } = server.calltrail
    const before = raws()
    const said = `from ${NUMBER}`
    assert.deepEqual(directory.quarantine([{ ...entry, raw: said, beganAtUs: null }]), [false])
    assert.deepEqual(raws(), before)
    assert.deepEqual(directory.quarantine([{ ...entry, raw: said, beganAtUs: now() }]), [true])
    assert.deepEqual(raws(), [said, ...before])
  })

  it('is kept where it belongs to no account, or to another, and only an account erased', async () => {
    const { directory } = server.calltrail
    const { secret } = directory.createKey({ accountId: ACCOUNT, name: 'admin', scopes: ['admin'] })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` }
    const body = JSON.stringify({ number: '+12025551277', reason: 'asked' })
    assert.equal((await server.native('/erasures', { method: 'POST', headers, body })).status, 201)
    const of = (accountId: string | null) => ({ ...entry, accountId, raw: '12025551277', beganAtUs: null })
    assert.deepEqual(directory.quarantine([of(null), of('MABOB000000000000000'), of(ACCOUNT)]), [true, true, false])
  })

  it('knows the erased numbers after a restart', async () => {
    await server.restart()
    const before = raws()
    await post(aBody({ direction: 'strange' }))
    assert.deepEqual(raws(), before)
  })

  it('tells of files that were put aside, which erasing does not change', async () => {
    assert.equal((await erase()).put_aside, null)
    const aside = join(server.folder, 'damaged', '1')
    mkdirSync(aside, { recursive: true })
    assert.equal((await erase()).put_aside, null, 'there is nothing in it')
    writeFileSync(join(aside, 'live.db'), NUMBER)
    assert.equal((await erase()).put_aside, 'damaged')
  })
})

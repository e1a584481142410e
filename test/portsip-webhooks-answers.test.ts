import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { StoreBusyError } from '../src/store/call-store.ts'
import {
  aCdr,
  BASIC,
  type Event,
  ivrQueueAgent,
  liveEventsOf,
  PortsipPbx,
  START_S,
  shuffled,
} from './support/portsip-pbx.ts'
import { ACCOUNT } from './support/running-server.ts'
import { Seeded } from './support/seeded.ts'

const TARGET = { callee: '105', at: 0, answered: 5, ended: 65 }
const cdr = (extra: Event = {}) => aCdr({ answered: 5, ended: 65, targets: [TARGET], extra })
const text = (event: unknown) => JSON.stringify(event)

describe('what a webhook is answered', () => {
  let pbx: PortsipPbx
  let source = ''
  before(async () => {
    pbx = await PortsipPbx.start()
  })
  after(() => pbx.stop())
  beforeEach(async () => {
    source = `pbx-${randomUUID()}`
    await pbx.put(source)
  })
  const post = (body: string | Buffer, headers: Record<string, string> = {}) => pbx.post(body, { source, headers })

  it('200 with what became of it, once it can be found', async () => {
    const first = await post(text(cdr()))
    assert.deepEqual([first.status, first.body], [200, { stored: 2, updated: 0, duplicates: 0, quarantined: 0 }])
    assert.equal((await pbx.call(source)).session_id, '901772345600100352')
    const again = await post(text(cdr()))
    assert.deepEqual([again.status, again.body], [200, { stored: 0, updated: 0, duplicates: 2, quarantined: 0 }])
  })

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'image/png', 'nonsense', null])
    it(`200 for the content type ${type}`, async () => {
      const headers = { 'content-type': type ?? '' }
      assert.equal((await post(text(cdr()), headers)).body.stored, 2)
    })

  it('200 for a packed body and for one with a byte order mark', async () => {
    assert.equal((await post(gzipSync(text(cdr())), { 'content-encoding': 'gzip' })).body.stored, 2)
    assert.equal((await post(`\ufeff${text(cdr())}`)).body.duplicates, 2)
  })

  it('200 for a list of events, and what is wrong in one costs no other', async () => {
    const { body } = await post(text([...liveEventsOf(cdr()), { event_type: 'call_cdr' }, 7, cdr()]))
    assert.deepEqual([body.stored, body.quarantined], [2, 2])
    const [seven, nameless] = (await pbx.quarantine()).filter((entry) => entry.source === source)
    assert.deepEqual([seven?.field, nameless?.field], ['record', 'session_id'])
  })

  it('200 for an event about a call that nobody told of: it makes the call', async () => {
    const answer = liveEventsOf(cdr()).find(({ event_type }) => event_type === 'cdr_target_answer')
    assert.equal((await post(text(answer))).body.stored, 2)
    const call = await pbx.call(source)
    assert.deepEqual([call.state, call.from.as_sent, call.answered_at], ['answered', '12025550147', call.started_at])
  })

  const lost: [what: string, body: string, field: string][] = [
    ['a missing comma', text(cdr()).replace(',"session_id"', '"session_id"'), 'body'],
    ['nothing', '', 'body'],
    ['a word', 'hello', 'body'],
    ['JSON that is no event', '{"hello": "world"}', 'event_type'],
    ['a string', '"call_cdr"', 'record'],
    ['an event of no kind that we know', text({ ...cdr(), event_type: 'extension_online' }), 'event_type'],
    ['an event without a session', text(cdr({ session_id: '' })), 'session_id'],
    ['a time that is none', text(cdr({ start_time: 'noon' })), 'start_time'],
    ['an end before the start', text(cdr({ ended_time: '1735823300' })), 'ended_at'],
    ['a call from the future', text(cdr({ start_time: '4102444800', ended_time: '4102444801' })), 'started_at'],
    ['brackets without end', '['.repeat(200_000), 'body'],
    ['an event of more than 256 KiB', text(cdr({ user_data: 'x'.repeat(300_000) })), 'body'],
  ]
  for (const [what, body, field] of lost)
    it(`200 for ${what}, and the quarantine has it`, async () => {
      const answer = await post(body)
      assert.deepEqual([answer.status, answer.body.quarantined > 0], [200, true])
      const entries = (await pbx.quarantine()).filter((entry) => entry.source === source)
      const entry = entries.find((one) => one.field === field)
      assert.deepEqual([entry?.source, entry?.origin], [source, '127.0.0.1'], JSON.stringify(entries))
      const whole = await (await pbx.server.native(`/quarantine/${entry?.id}`)).json()
      assert.equal((whole as Event).raw, body)
      assert.equal((await post(text(cdr()))).status, 200)
    })

  it('200 for bytes that are no UTF-8', async () => {
    const { status, body } = await post(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
    assert.deepEqual([status, body.quarantined], [200, 1])
  })

  it('404 for a source that does not exist, and for no other reason', async () => {
    const { status, body } = await pbx.post(text(cdr()), { source: 'nobody' })
    assert.deepEqual([status, body.error.code], [404, 'not_found'])
  })

  it('409 for a source that has no webhooks', async () => {
    await pbx.put('fs', { kind: 'freeswitch' })
    const { status, body } = await pbx.post(text(cdr()), { source: 'fs' })
    assert.deepEqual([status, body.error.code, body.error.field], [409, 'conflict', 'source'])
  })

  it('405 for any other method', async () => {
    for (const method of ['GET', 'HEAD', 'PATCH', 'OPTIONS']) {
      const answer = await fetch(`${pbx.server.url}/calltrail/v1/sources/pbx`, {
        method,
        headers: { authorization: BASIC },
      })
      assert.deepEqual([answer.status, answer.headers.get('allow')?.includes('POST')], [405, true], method)
    }
  })

  it('413 for more than a mebibyte, packed or not', async () => {
    const long = text(Array.from({ length: 2000 }, () => cdr()))
    const answers = [await post(long), await post(gzipSync(long), { 'content-encoding': 'gzip' })]
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.error.code]),
      [
        [413, 'too_large'],
        [413, 'too_large'],
      ],
    )
  })

  it('503 with a time to come back when too much waits for the disk', async (test) => {
    test.mock.method(pbx.server.calltrail.calls, 'append', () => Promise.reject(new StoreBusyError(7)))
    const busy = await post(text(cdr()))
    assert.deepEqual([busy.status, busy.headers.get('retry-after'), busy.body.error.code], [503, '7', 'overloaded'])
    test.mock.restoreAll()
    assert.equal((await post(text(cdr()))).body.stored, 2)
  })

  it('200 and never 500, whatever the body', async () => {
    const keys = Object.keys({ ...cdr(), time: 0, destiantion: 0 })
    const event = fc
      .dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
      .map((over) => text({ ...cdr(), ...over }))
    const body = fc.oneof(event, fc.json(), fc.string({ unit: 'binary' }))
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        assert.equal((await post(given)).status, 200)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a quarantined event', () => {
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start()
  })
  after(() => pbx.stop())
  const replay = async (id: number, body?: object) => {
    const options =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await pbx.server.native(`/quarantine/${id}/replay`, { method: 'POST', ...options })
    return { status: answer.status, body: (await answer.json()) as Event }
  }
  const entryOf = async (source: string) => (await pbx.quarantine()).find((entry) => entry.source === source)

  for (const [match, value] of [
    ['tenant', '901000000000000001'],
    ['domain', 'pbx.example'],
    ['did', '+1 202 555 0190'],
    ['trunk', '31:901000000000000077'],
    ['peer', '127.0.0.0/8'],
  ])
    it(`of no account is stored by a replay once there is a rule for its ${match}`, async () => {
      const source = `by-${match}`
      await pbx.put(source, { rules: [] })
      assert.equal((await pbx.post(text(cdr()), { source })).body.quarantined, 2)
      const entry = await entryOf(source)
      assert.deepEqual([entry?.field, entry?.account_id], ['account', null])
      const before = await replay(entry?.id)
      assert.deepEqual([before.body.stored, before.body.field], [false, 'account'])
      await pbx.put(source, { rules: [{ match, value, account_id: ACCOUNT }] })
      assert.deepEqual(await replay(entry?.id), { status: 200, body: { stored: true, field: null, reason: null } })
      assert.equal((await pbx.calls(source)).length, 2)
      assert.equal((await replay(entry?.id)).status, 404)
    })

  it('with a missing comma is stored once it is mended', async () => {
    await pbx.put('mended')
    const whole = text(cdr())
    await pbx.post(whole.replace(',"session_id"', '"session_id"'), { source: 'mended' })
    const entry = await entryOf('mended')
    assert.equal((await replay(entry?.id, { raw: whole })).body.stored, true)
    assert.equal((await pbx.call('mended')).duration, 60)
  })

  it('is nothing that a key without the scope, or of another account, can replay or mend', async () => {
    await pbx.put('ours', { rules: [{ match: 'fixed', account_id: ACCOUNT }] })
    await pbx.post(text(cdr({ ended_time: '1735823300' })), { source: 'ours' })
    const entry = await entryOf('ours')
    const { directory } = pbx.server.calltrail
    const as = (scope: 'read' | 'admin', body?: object) => {
      const { secret } = directory.createKey({ accountId: ACCOUNT, name: scope, scopes: [scope] })
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
      const url = `${pbx.server.url}/calltrail/v1/quarantine/${entry?.id}/replay`
      return fetch(url, { method: 'POST', headers, ...(body === undefined ? { body: '{}' } : { body: text(body) }) })
    }
    assert.equal((await as('read')).status, 403)
    assert.equal((await as('admin')).status, 200)
    assert.equal((await as('admin', { raw: text(cdr()) })).status, 403)
    assert.equal((await as('admin', { body: 'x' })).status, 400)
  })

  it('is not there where an event says nothing that rules look at, but is about a call that is known', async () => {
    await pbx.put('domains', { rules: [{ match: 'domain', value: 'pbx.example', account_id: ACCOUNT }] })
    const [start, add] = ivrQueueAgent()
    await pbx.send([start as Event, { ...add, tenant_id: undefined }], 'domains')
    assert.equal((await pbx.calls('domains')).length, 2)
    await pbx.put('together', { rules: [{ match: 'domain', value: 'pbx.example', account_id: ACCOUNT }] })
    await pbx.sendTogether([start as Event, { ...add, tenant_id: undefined }], 'together')
    assert.equal((await pbx.calls('together')).length, 2)
  })
})

describe('a call of a PBX while it lasts', () => {
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start()
    const services = [
      { number: '5100', kind: 'ivr', name: 'Welcome' },
      { number: '8100', kind: 'queue', name: 'Sales' },
    ]
    await pbx.put('pbx', { services })
  })
  after(() => pbx.stop())

  it('rings in the menu, waits in the queue, is answered by the agent, and ends with the CDR', async () => {
    const told: string[] = []
    for (const event of ivrQueueAgent()) {
      await pbx.send([event])
      const { state, center } = await pbx.call()
      const step = `${state} ${center?.queues[0]?.ring_group.name ?? center?.ivr?.name ?? '-'}`
      if (told.at(-1) !== step) told.push(step)
    }
    assert.deepEqual(told, [
      'ringing -',
      'ringing Welcome',
      'answered Welcome',
      'queued Sales',
      'answered Sales',
      'ended Sales',
    ])
  })

  it('shows who is rung in its legs', async () => {
    const events = ivrQueueAgent()
    const ringing = events.findIndex(({ event_type }) => event_type === 'cdr_target_ringing')
    await pbx.put('ringing')
    await pbx.send(events.slice(0, ringing + 1), 'ringing')
    const legs = (await pbx.calls('ringing')).filter(({ leg }) => leg === 'b')
    assert.deepEqual(
      legs.map(({ to, state }) => [to.number, state]),
      [
        ['5100', 'ended'],
        ['8100', 'answered'],
        ['104', 'ringing'],
      ],
    )
  })

  it('stays plain without the services: what a target is shows only in the end', async () => {
    await pbx.put('plain')
    await pbx.send(ivrQueueAgent().slice(0, -1), 'plain')
    assert.deepEqual([(await pbx.call('plain')).center, (await pbx.call('plain')).state], [null, 'answered'])
  })

  describe('that leaves the queue in the second in which it came to it', () => {
    const common = { session_id: '901772345600100999', direction: 'in', caller: '12025550147' }
    const told = (event_type: string, at: number, to?: string): Event => ({
      event_type,
      ...common,
      time: String(START_S + at),
      ...(to === undefined ? { callee: '8100' } : { destiantion: `sip:${to}@192.0.2.4:5060` }),
    })
    const events = [
      told('call_start', 0),
      told('cdr_target_add', 5, '8100'),
      told('cdr_target_answer', 5, '8100'),
      told('cdr_target_end', 5, '8100'),
      told('cdr_target_add', 5, '103'),
      told('cdr_target_answer', 8, '103'),
    ]
    const services = [{ number: '8100', kind: 'queue', name: 'Sales' }]
    const shown = async (source: string) => {
      const { state, center } = await pbx.call(source)
      const queues = (center?.queues ?? []) as Record<string, string | null>[]
      return [state, queues.map(({ queued_at, left_at }) => [queued_at?.slice(17, 19), left_at?.slice(17, 19)])]
    }

    for (let seed = 1; seed <= 20; seed++)
      it(`is answered, after one stay, in the order of seed ${seed}`, async () => {
        const source = `at-once-${seed}`
        await pbx.put(source, { services })
        await pbx.send(shuffled(events, new Seeded(seed)), source)
        assert.deepEqual(await shown(source), ['answered', [['05', '05']]])
      })

    it('waits in the next queue, if that is where it went', async () => {
      await pbx.put('over', { services: [...services, { number: '8200', kind: 'queue', name: 'Support' }] })
      const over = [told('cdr_target_add', 5, '8200'), told('cdr_target_answer', 5, '8200')]
      await pbx.send(shuffled([...events.slice(0, 4), ...over], new Seeded(1)), 'over')
      const [state, queues] = await shown('over')
      assert.equal(state, 'queued')
      assert.deepEqual(
        new Set(queues as string[][]),
        new Set([
          ['05', '05'],
          ['05', undefined],
        ]),
      )
    })

    it('waits again in the queue that it left, if that is where it went later', async () => {
      await pbx.put('again', { services })
      await pbx.send([...events.slice(0, 4), told('cdr_target_add', 9, '8100')], 'again')
      assert.equal((await shown('again'))[0], 'queued')
      await pbx.send([told('cdr_target_end', 12, '8100'), told('cdr_target_answer', 12, '103')], 'again')
      assert.equal((await shown('again'))[0], 'answered')
    })
  })
})

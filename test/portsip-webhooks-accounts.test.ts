import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Event, PortsipPbx, START_S } from './support/portsip-pbx.ts'
import { ACCOUNT } from './support/running-server.ts'

const SESSION = '901772345600100777'
/** A call from the tenant a.example to the tenant b.example of one PBX: it is b.example's. */
const EVENT = { session_id: SESSION, caller: 'sip:100@a.example', callee: 'sip:200@b.example' }
const event = (event_type: string, at: number, more: Event = {}): Event => ({
  event_type,
  ...EVENT,
  time: String(START_S + at),
  ...more,
})
const START = event('call_start', 0, { direction: 'inbound' })
const add = (more: Event) => event('cdr_target_add', 1, { destination: '200@192.0.2.1', ...more })
const CDR: Event = {
  event_type: 'call_cdr',
  ...EVENT,
  start_time: String(START_S),
  ended_time: String(START_S + 50),
  ended_reason: 'caller_disconnect',
  call_targets: [],
}

describe('a session of a PBX with several tenants', () => {
  let pbx: PortsipPbx
  let other: string
  let source = ''
  before(async () => {
    pbx = await PortsipPbx.start()
    const { directory } = pbx.server.calltrail
    const { settings } = directory.account(ACCOUNT) as NonNullable<ReturnType<typeof directory.account>>
    other = directory.createAccount({ settings: { ...settings, name: 'B' } }).id
  })
  after(() => pbx.stop())
  beforeEach(() => putDomains())

  async function putDomains(last: Event[] = []): Promise<void> {
    source = `pbx-${randomUUID()}`
    const domains = [
      { match: 'domain', value: 'a.example', account_id: ACCOUNT },
      { match: 'domain', value: 'b.example', account_id: other },
    ]
    await pbx.put(source, { rules: [...domains, ...last] })
  }

  /** The legs of the source's calls, by whose they are. */
  async function legs(): Promise<Record<'a' | 'b', string[]>> {
    const of = async (accountId: string) => {
      const where = { op: 'eq', field: 'source', value: source } as const
      const order = { by: 'startedAtUs', descending: false } as const
      const page = await pbx.server.calltrail.calls.list({ accountId, where, order, limit: 10, total: false })
      return page.calls.map(({ leg, state }) => `${leg} ${state}`).sort()
    }
    return { a: await of(ACCOUNT), b: await of(other) }
  }

  for (const [what, direction] of [
    ['none', undefined],
    ['one that we do not know', 'sideways'],
    ['a word that every object of JavaScript has', 'constructor'],
  ])
    it(`stays with one of them where events have as direction ${what}`, async () => {
      const events = [START, add({ direction }), { ...CDR, direction }]
      await pbx.send(events, source)
      assert.deepEqual(await legs(), { a: [], b: ['a ended', 'b ringing'] })
      await putDomains()
      await pbx.sendTogether([...events].reverse(), source)
      assert.deepEqual(await legs(), { a: [], b: ['a ended', 'b ringing'] })
    })

  it('goes by the domain of the caller where no event tells the direction, all of it', async () => {
    await pbx.send([add({}), { ...CDR, callee: '200' }, event('call_update_info', 2, { caller: '100' })], source)
    assert.deepEqual(await legs(), { a: ['a ended', 'b ringing'], b: [] })
  })

  it('is not divided by a rule for the rest, which events that say less would fall to', async () => {
    await putDomains([{ match: 'fixed', account_id: ACCOUNT }])
    await pbx.send([START, add({ direction: 'inbound', callee: undefined }), { ...CDR, direction: 'in' }], source)
    assert.deepEqual(await legs(), { a: [], b: ['a ended', 'b ringing'] })
  })

  it('goes by what an event says for sure, whatever is known', async () => {
    await pbx.send([event('call_start', 0, { session_id: '1', direction: 'out' })], source)
    await pbx.send([event('call_start', 0, { session_id: '1', direction: 'in' })], source)
    assert.deepEqual(await legs(), { a: ['a ringing'], b: ['a ringing'] })
  })

  it('takes a reason that is a word of JavaScript for a word', async () => {
    await pbx.send([{ ...CDR, direction: 'in', ended_reason: 'constructor' }], source)
    const key = { accountId: other, sessionId: SESSION }
    const call = (await pbx.server.calltrail.calls.findBySession(key)).find((one) => one.source === source)
    assert.equal(call?.hangup.endReason, 'CONSTRUCTOR')
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ACCOUNT, KEY, RunningServer } from './support/running-server.ts'

/** A `call_cdr` in the shape of PortSIP's webhook documentation; numbers and ids are ours. */
const CDR = {
  event_type: 'call_cdr',
  session_id: '712345678901234567',
  call_id: 'Jx2oYt1mQmKcE0fYB3yH4g..',
  direction: 'inbound',
  caller: '2025550142',
  caller_display_name: 'Ada Birch',
  caller_domain: '192.0.2.10',
  callee: '8000',
  callee_domain: 'pbx.example.com',
  did: '2025550191',
  start_time: '1763719200',
  ring_time: '1763719200',
  answered_time: '1763719200',
  ended_time: '1763719290',
  ring_duration: '0',
  talk_duration: 90,
  call_status: 'answered',
  ended_reason: 'callee_disconnect',
  status_code: '0',
  outbound_caller_id: '',
  tenant_id: '700000000000000001',
  tenant_name: 'example',
  trunk_name: '21:883631675865000001',
  user_data: '',
  call_targets: [
    {
      call_type: 'normal_call',
      caller: '2025550142',
      callee: '8000',
      destination: 'sip:8000@192.0.2.20:5060',
      start_time: '1763719200',
      ring_time: '1763719200',
      answered_time: '1763719200',
      ended_time: '1763719212',
      end_reason: 'referred',
      status: 'answered',
      status_code: 0,
      talk_duration: '12',
    },
    {
      call_type: 'queue_call',
      caller: '2025550142',
      callee: '102',
      destination: 'sip:102@192.0.2.30:5060',
      start_time: '1763719203',
      ring_time: '1763719203',
      answered_time: '1763719212',
      ended_time: '1763719290',
      end_reason: 'None',
      status: 'answered',
      status_code: 0,
      talk_duration: '78',
    },
  ],
}

describe('one call that a PortSIP PBX reports to its webhook', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    const put = await server.native('/sources/pbx', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'portsip',
        rules: [{ match: 'tenant', value: '700000000000000001', account_id: ACCOUNT }],
        access: { user: 'pbx', password: 'the password of the webhook' },
      }),
    })
    assert.equal(put.status, 201, await put.text())
  })
  after(() => server.stop())

  it('comes out as a call of a contact centre and as a call log of a PBX', async () => {
    const acknowledged = await fetch(`${server.url}/calltrail/v1/sources/pbx`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('pbx:the password of the webhook').toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(CDR),
    })
    assert.equal(acknowledged.status, 200)

    const listed = await fetch(`${server.url}/api/v1/calls/`, { headers: { 'access-token': KEY } })
    const { calls, meta } = (await listed.json()) as { calls: Record<string, unknown>[]; meta: { total: number } }
    assert.equal(meta.total, 1)
    const [call] = calls as [Record<string, unknown>]
    assert.deepEqual(
      {
        inbound: call.is_inbound,
        answered: call.is_answered,
        in_time: call.is_answered_within_sla,
        ring_group: call.ring_group,
        agents: call.agents,
        talk_time: call.talk_time,
        started_at: call.started_at,
        type: call.type,
      },
      {
        inbound: true,
        answered: true,
        in_time: true,
        ring_group: { id: 8000, name: null },
        agents: [102],
        talk_time: 78,
        started_at: 1763719200,
        type: 'answered',
      },
    )

    const bearer = { headers: { authorization: `Bearer ${KEY}` } }
    const logs = (await (await fetch(`${server.url}/api/calllogs`, bearer)).json()) as {
      count: number
      items: Record<string, unknown>[]
    }
    assert.equal(logs.count, 1)
    const byVendorId = await fetch(`${server.url}/api/calllogs/712345678901234567`, bearer)
    const log = (await byVendorId.json()) as Record<string, unknown>
    assert.deepEqual(
      { caller: log.caller, callee: log.callee, direction: log.direction, end: log.end_reason, duration: log.duration },
      { caller: '2025550142', callee: '8000', direction: 'INBOUND_CALL', end: 'CALLEE_DISCONNECTED', duration: 90 },
    )
    const legs = await fetch(`${server.url}/api/cdrs/712345678901234567`, bearer)
    const { items } = (await legs.json()) as { items: { callee: string }[] }
    assert.deepEqual(
      items.map(({ callee }) => callee),
      ['8000', '8000', '102'],
    )
  })
})

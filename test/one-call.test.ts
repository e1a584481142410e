import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { readJsonCdr } from '../src/ingest/freeswitch/read-json-cdr.ts'
import { RunningServer } from './support/running-server.ts'

const CAPTURED = new URL('./fixtures/freeswitch/json/a_f6790fc5-51d6-49bf-8c9c-96442080b4b0.cdr.json', import.meta.url)

describe('one call that FreeSWITCH recorded', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ plivoHorizonDays: null })
  })
  after(() => server.stop())

  it('goes in over HTTP, stays through a restart, and comes out over Plivo', async () => {
    const reading = readJsonCdr(JSON.parse(readFileSync(CAPTURED, 'utf8')))
    assert.ok(reading.ok)
    const stored = (await (await server.post(reading.call)).json()) as Record<string, unknown>
    assert.deepEqual({ stored: stored.stored, rejected: stored.rejected }, { stored: 1, rejected: [] })
    await server.restart()
    const response = await server.plivo('/Zentrunk/Call/f6790fc5-51d6-49bf-8c9c-96442080b4b0/')
    assert.equal(response.status, 200)
    const call = (await response.json()) as Record<string, unknown>
    assert.deepEqual(
      {
        from: call.from_number,
        to: call.to_number,
        direction: call.call_direction,
        duration: call.call_duration,
        initiation: call.initiation_time,
        answer: call.answer_time,
        end: call.end_time,
        cause: call.hangup_cause_name,
        code: call.hangup_cause_code,
        source: call.hangup_source,
        countries: [call.from_country, call.to_country],
      },
      {
        from: '+442079460001',
        to: '+442079460101',
        direction: 'inbound',
        duration: 4,
        initiation: '2026-11-21 06:40:59',
        answer: '2026-11-21 06:41:00',
        end: '2026-11-21 06:41:04',
        cause: 'normal_hangup',
        code: 3000,
        source: 'carrier',
        countries: ['GB', 'GB'],
      },
    )
  })
})

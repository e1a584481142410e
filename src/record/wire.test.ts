import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Type } from 'typebox'
import { aBody, aCall } from '../../test/support/a-report.ts'
import { anyMoney, anyWireValue } from '../../test/support/any-value.ts'
import { FACTS, UNITED_LISTS } from './facts.ts'
import { callWireSchema, codecOf, type WireFault, wireName, writeCall } from './wire.ts'

describe('wireName', () => {
  const names: [name: string, wire: string][] = [
    ['startedAtUs', 'started_at'],
    ['durationS', 'duration'],
    ['billS', 'bill_seconds'],
    ['billedS', 'billed_seconds'],
    ['rateNanos', 'rate'],
    ['carrierAmountMicros', 'carrier_amount'],
    ['rttMs', 'rtt_ms'],
    ['postDialDelayMs', 'post_dial_delay_ms'],
    ['packetLossPct', 'packet_loss_pct'],
    ['q850', 'q850'],
    ['sipCallId', 'sip_call_id'],
    ['callUuid', 'call_uuid'],
    ['from', 'from'],
  ]
  for (const [name, wire] of names) it(`of ${name} is ${wire}`, () => assert.equal(wireName(name), wire))

  it('is another for every field, so that none hides one', () => {
    const wires = [...FACTS, ...UNITED_LISTS].map(({ wire }) => wire.join('.'))
    assert.equal(new Set(wires).size, wires.length)
  })
})

describe('a codec', () => {
  it('reads what it wrote and writes what it read, for every field of a call', () => {
    for (const { path, codec } of FACTS) {
      const values = /Nanos$/.test(path)
        ? anyMoney('price')
        : /Micros$/.test(path)
          ? anyMoney('amount')
          : anyWireValue(codec.schema)
      fc.assert(
        fc.property(values, (value) => {
          const faults: WireFault[] = []
          const read = codec.read(value, path, faults)
          assert.deepEqual([faults, codec.write(read)], [[], value])
        }),
        { numRuns: 50 },
      )
    }
  })

  it('reads a time in any zone and answers it in UTC, to the microsecond', () => {
    const time = codecOf('atAtUs', Type.Integer())
    const answered = (written: string) => time.write(time.read(written, 'at', []))
    assert.equal(answered('2024-01-15T19:58:48.123456+05:30'), '2024-01-15T14:28:48.123456Z')
    assert.equal(answered('2024-01-15t14:28:48z'), '2024-01-15T14:28:48.000000Z')
    assert.equal(answered('2024-01-15T14:28:48.1234569Z'), '2024-01-15T14:28:48.123456Z')
  })

  it('reads minus zero as zero', () => {
    const read = codecOf('mos', Type.Number({ minimum: 0 })).read(-0, 'mos', [])
    assert.ok(Object.is(read, 0))
  })

  it('names the place of a fault inside of lists and objects', () => {
    const streams = FACTS.find(({ path }) => path === 'quality.streams')
    const faults: WireFault[] = []
    streams?.codec.read([{ direction: 'in' }, { direction: 'up', lost: -1 }, { mos: 4, loud: 1 }], 'streams', faults)
    assert.deepEqual(
      faults.map(({ field }) => field),
      ['streams[1].direction', 'streams[1].lost', 'streams[2].loud', 'streams[2].direction'],
    )
  })
})

describe('writeCall', () => {
  it('writes every field that there is, whatever is known', () => {
    const { properties } = callWireSchema as { properties: Record<string, unknown> }
    const plain = writeCall(aCall())
    const full = writeCall(aCall({ center: { agents: [{ id: 1 }] } }))
    assert.deepEqual(Object.keys(plain), Object.keys(properties))
    assert.equal(plain.center, null)
    assert.deepEqual(Object.keys(full.center as object), [
      ...['number', 'contact', 'ivr', 'campaign', 'ring_group', 'queues', 'agents', 'external_numbers', 'disposition'],
      ...['survey_ids', 'requested_callback', 'automated_callback', 'original_call_uuid', 'call_types'],
    ])
  })

  it('writes what was given as it was given', () => {
    const given = aBody({
      cost: { currency: 'EUR', rate: '0.001234567', amount: '-1.50000' },
      quality: {
        mos: 4.2,
        streams: [{ direction: 'in', codec: 'PCMA', packets: 9, lost: 0, jitter_ms: 1.5, rtt_ms: null, mos: null }],
      },
      tags: ['vip', 'naïve'],
    })
    const { from, cost, quality, tags, started_at, ended_at } = writeCall(aCall(given)) as Record<string, unknown>
    assert.deepEqual([started_at, ended_at], ['2024-01-15T14:28:48.000000Z', '2024-01-15T14:32:00.000000Z'])
    assert.deepEqual((from as { number: string }).number, '+12025551234')
    assert.deepEqual({ ...(cost as object), ...(given.cost as object) }, cost)
    assert.deepEqual({ ...(quality as object), ...(given.quality as object) }, quality)
    assert.deepEqual(tags, given.tags)
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Reading } from '../reading.ts'
import { parseMasterLines } from './parse-master-lines.ts'
import { continuesChain, readMasterChain, readMasterRow } from './read-master-csv.ts'

const FIXTURES = new URL('../../../test/fixtures/asterisk/', import.meta.url)

interface Call {
  source_id?: string
  session_id: string | null
  leg: string
  direction: string | null
  from: { as_sent: string; name: string | null }
  to: { as_sent: string | null }
  destination?: string | null
  started_at: string
  answered_at: string | null
  ended_at: string
  reported_at: string
  hangup: { side: string | null; sip_status: number | null; q850: number | null }
  user_data?: string | null
  clear?: string[]
}

function rowsOf(name: string): string[][] {
  const lines = readFileSync(new URL(name, FIXTURES), 'utf8').trim().split('\n')
  return parseMasterLines(lines).map((columns, index) => columns ?? assert.fail(`line ${index + 1} is not CSV`))
}

/** The readings of rows as a file gives them: rows of one channel together. */
function readRows(rows: readonly string[][], timeZone = 'UTC'): Extract<Reading, { ok: true }>[] {
  const chains: string[][][] = []
  for (const row of rows) {
    const last = chains.at(-1)
    if (last !== undefined && continuesChain(last.at(-1) as string[], row)) last.push(row)
    else chains.push([row])
  }
  return chains
    .flatMap((chain) => readMasterChain(chain, { timeZone }))
    .map(({ reading }) => (reading.ok ? reading : assert.fail(JSON.stringify(reading))))
}

const callsOf = (readings: { call: Record<string, unknown> }[]) => readings.map(({ call }) => call as unknown as Call)
const primaries = (calls: Call[]) => calls.filter(({ leg }) => leg === 'whole')
const by = (calls: Call[], caller: string) => calls.filter(({ from }) => from.as_sent === caller)
const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000

const newRows = rowsOf('master-21-columns.csv')
const [, ...truth] = readFileSync(new URL('truth.csv', FIXTURES), 'utf8')
  .trim()
  .split('\n')
  .map((row) => row.split(','))

for (const [columns, rows] of [
  [21, newRows],
  [18, newRows.map((row) => row.slice(0, 18))],
  [17, newRows.map((row) => row.slice(0, 17))],
  [16, newRows.map((row) => row.slice(0, 16))],
] as const)
  describe(`the calls of the capture, from ${columns} columns, against what their phones did`, () => {
    const calls = primaries(callsOf(readRows(rows)))
    for (const [, label, , caller, callee, sipCode, , , talkS] of truth)
      it(`${label}: ${sipCode}, talks ${talkS} s`, () => {
        const found = by(calls, caller as string)
        assert.equal(found.length, 1, 'is there once')
        const [call] = found as [Call]
        // Asterisk puts the target of a transfer into every row of the call.
        assert.equal(call.to.as_sent, label === 'blind-transfer' ? '+442079460154' : callee)
        assert.equal(call.answered_at !== null, sipCode === '200')
        if (call.answered_at !== null)
          assert.ok(Math.abs(seconds(call.answered_at, call.ended_at) - Number(talkS)) <= 1, 'talks as long')
      })

    it('are 22: those, and the second caller of the conference', () => {
      assert.equal(calls.length, truth.length + 1)
      assert.equal(by(calls, '+442079460062').length, 1)
    })
  })

describe('rows of one channel', () => {
  const calls = callsOf(readRows(newRows))

  it('of Dial and Hangup are one busy call', () => {
    const [call, ...others] = by(calls, '+442079460003') as [Call]
    assert.equal(others.length, 0)
    assert.deepEqual(call.hangup, { side: 'callee', sip_status: 486, q850: 17 })
    assert.deepEqual([call.started_at, call.ended_at], ['2026-11-21T06:42:21.000000Z', '2026-11-21T06:42:22.000000Z'])
  })

  it('of a failover are one answered call and a B leg for each gateway', () => {
    assert.deepEqual(
      by(calls, '+442079460012').map(({ leg, to, destination, answered_at, hangup }) => [
        leg,
        to.as_sent,
        destination ?? null,
        answered_at !== null,
        hangup.sip_status,
      ]),
      [
        ['whole', '+442079460112', '+442079460132', true, 200],
        ['b', '+442079460112', null, false, null],
        ['b', '+442079460132', null, true, 200],
      ],
    )
  })

  it('of a transfer are answered when first answered and ended when last ended', () => {
    const [call] = by(calls, '+442079460041') as [Call]
    assert.deepEqual(
      [call.started_at, call.answered_at, call.ended_at].map((time) => time?.slice(17, 19)),
      ['22', '22', '25'],
    )
  })

  it('of a queue are one conversation; what Local channels left behind are its B legs', () => {
    const readings = readRows(newRows).filter(
      ({ call }) => (call as unknown as Call).session_id === 'astlab-1795243342.46',
    )
    assert.equal(primaries(callsOf(readings)).length, 1)
    const legs = readings.filter(({ call }) => call.leg === 'b')
    assert.equal(legs.length, 4)
    for (const { parentSourceId } of legs) assert.equal(parentSourceId, 'astlab-1795243342.46')
  })

  it('give different ids to every call and leg', () => {
    assert.equal(new Set(calls.map(({ source_id }) => source_id)).size, calls.length)
  })

  it('told twice are told once', () => {
    const rows = newRows.filter(([, caller]) => caller === '+442079460001')
    assert.deepEqual(readRows([...rows, ...rows]), readRows(rows))
  })

  it('read in part and then whole have the same id, and the whole is later', () => {
    const rows = newRows.filter(([, caller]) => caller === '+442079460009')
    const [half, whole] = [rows.slice(0, 1), rows].map((some) => callsOf(readRows(some))[0]) as [Call, Call]
    assert.equal(half.source_id, whole.source_id)
    assert.ok(half.reported_at < whole.reported_at, `${half.reported_at} ${whole.reported_at}`)
  })

  it('empty what an earlier row alone had said, once a later one knows better', () => {
    const [dial = [], hangup = []] = newRows.filter(([, caller]) => caller === '+442079460003')
    const secondTry = hangup
      .with(6, 'PJSIP/out-000000ff')
      .with(7, 'Dial')
      .with(10, hangup[9] as string)
      .with(14, 'ANSWERED')
    const [call] = callsOf(readRows([dial, secondTry])) as [Call]
    assert.equal(call.hangup.sip_status, 200)
    assert.deepEqual(call.clear, ['hangup.side', 'hangup.q850', 'destination'])
  })

  it('without any id are brought together by the name of the channel, which with its start is their id', () => {
    const [call] = by(callsOf(readRows(newRows.map((row) => row.slice(0, 16)))), '+442079460009') as [Call]
    assert.equal(call.source_id, 'PJSIP/lab-00000011@2026-11-21 06:42:22')
  })

  it('without any id are of two calls where a restart has given out the name again', () => {
    const row = (newRows[5] as string[]).slice(0, 16)
    const later = row.with(9, '2026-11-21 07:00:00').with(11, '2026-11-21 07:00:01')
    assert.equal(callsOf(readRows([row, later])).length, 2)
  })

  it('without any id or channel name are calls of their own, told apart by the pipeline', () => {
    const nameless = newRows.slice(0, 2).map((row) => row.slice(0, 16).with(5, 'NOT_AVAILABLE'))
    const calls = callsOf(readRows(nameless))
    assert.deepEqual(
      calls.map(({ source_id }) => source_id),
      [undefined, undefined],
    )
  })
})

describe('a row', () => {
  const row = (caller: string) => newRows.find(([, src]) => src === caller) as string[]
  const read = (columns: string[], timeZone = 'UTC') => {
    const reading = readMasterRow(columns, { timeZone })
    return reading.ok ? (reading.call as unknown as Call) : assert.fail(JSON.stringify(reading))
  }

  it('is read field by field', () => {
    const reading = readMasterRow(row('+442079460040'), { timeZone: 'UTC' }) as Extract<Reading, { ok: true }>
    assert.deepEqual(reading, {
      ok: true,
      call: {
        source_id: 'astlab-1795243342.39',
        session_id: 'astlab-1795243342.39',
        kind: 'cdr',
        reported_at: '2026-11-21T06:42:24.000001Z',
        leg: 'whole',
        direction: null,
        from: { as_sent: '+442079460040', name: 'Lab Caller' },
        to: { as_sent: '+442079460140' },
        destination: null,
        started_at: '2026-11-21T06:42:22.000000Z',
        answered_at: '2026-11-21T06:42:22.000000Z',
        ended_at: '2026-11-21T06:42:24.000000Z',
        hangup: { side: 'platform', sip_status: 200, q850: 16 },
        user_data: 'ivr "billing", 50%',
        cost: { account: 'acct-7' },
      },
      hints: { accountcode: 'acct-7', tenant: 'lab', did: '+442079460140', trunk: 'lab' },
    })
  })

  it('has the quotes in a name as the caller wrote them', () => {
    assert.equal(read(row('+442079460026')).from.name, 'Zoë "Z" Müller')
  })

  const names = [
    { clid: '"Lab Caller" <+44>', name: 'Lab Caller' },
    { clid: '"" <+44>', name: null },
    { clid: 'Lab Caller <+44>', name: 'Lab Caller' },
    { clid: '<+44>', name: null },
    { clid: '+44', name: null },
    { clid: '', name: null },
    { clid: '"a <b> c" <+44>', name: 'a <b> c' },
  ]
  for (const { clid, name } of names)
    it(`with clid ${JSON.stringify(clid)} names ${JSON.stringify(name)}`, () => {
      assert.equal(read(row('+442079460040').with(1, '+44').with(4, clid)).from.name, name)
    })

  const causes = [
    {
      disposition: 'NO ANSWER',
      hangup: { side: null, sip_status: null, q850: null },
      because: 'a cancel, a 603 and a timeout look alike',
    },
    { disposition: 'FAILED', hangup: { side: null, sip_status: null, q850: null }, because: 'any of a dozen causes' },
    { disposition: 'CONGESTION', hangup: { side: null, sip_status: null, q850: null }, because: '503, 500 and others' },
    { disposition: 'BUSY', hangup: { side: 'callee', sip_status: 486, q850: 17 }, because: 'nothing else is busy' },
  ]
  for (const { disposition, hangup, because } of causes)
    it(`${disposition} ends with ${JSON.stringify(hangup)}: ${because}`, () => {
      assert.deepEqual(read(row('+442079460004').with(14, disposition)).hangup, hangup)
    })

  it('of Hangup(1) alone tells the cause that the dialplan gave', () => {
    assert.deepEqual(read(row('+442079460005')).hangup, { side: 'platform', sip_status: null, q850: 1 })
  })

  const directions = [
    { context: 'from-trunk-carrier', dst: '+442079460101', direction: 'inbound' },
    { context: 'from-internal', dst: '+442079460101', direction: 'outbound' },
    { context: 'from-internal-xfer', dst: '101', direction: 'internal' },
    { context: 'lab', dst: '101', direction: null },
  ]
  for (const { context, dst, direction } of directions)
    it(`from ${context} to ${dst} is ${direction}`, () => {
      assert.equal(read(row('+442079460001').with(3, context).with(2, dst)).direction, direction)
    })
})

describe('the zone of a row', () => {
  const at = (start: string, end: string, uniqueid: string | null) => [
    '',
    '1',
    '2',
    'c',
    '',
    'PJSIP/a-00000001',
    '',
    'Dial',
    '',
    start,
    '',
    end,
    '1',
    '0',
    'BUSY',
    'DOCUMENTATION',
    ...(uniqueid === null ? [] : [uniqueid, '']),
  ]
  const cases = [
    {
      zone: 'UTC',
      start: '2026-07-01 12:00:00',
      id: null,
      startedAt: '2026-07-01T12:00:00',
      because: 'without id the zone is believed',
    },
    {
      zone: 'Europe/Paris',
      start: '2026-07-01 12:00:00',
      id: null,
      startedAt: '2026-07-01T10:00:00',
      because: 'summer time',
    },
    {
      zone: 'UTC',
      start: '2026-07-01 12:00:00',
      id: '1782900000.7',
      startedAt: '2026-07-01T10:00:00',
      because: 'the id says that the file is two hours ahead',
    },
    {
      zone: 'Europe/Paris',
      start: '2026-07-01 10:00:00',
      id: 'pbx-1782900000.7',
      startedAt: '2026-07-01T10:00:00',
      because: 'usegmtime, which nobody told us of',
    },
    {
      zone: 'Asia/Kolkata',
      start: '2026-07-01 15:30:01',
      id: '1782900000.7',
      startedAt: '2026-07-01T10:00:01',
      because: 'right already, a second late',
    },
    {
      zone: 'Europe/Paris',
      start: '2026-10-25 02:30:00',
      id: '1792891800.1',
      startedAt: '2026-10-25T01:30:00',
      because: 'the second 02:30 of that night',
    },
    {
      zone: 'Europe/Paris',
      start: '2026-10-25 02:30:00',
      id: '1792888200.1',
      startedAt: '2026-10-25T00:30:00',
      because: 'the first 02:30 of that night',
    },
    {
      zone: 'UTC',
      start: '2026-07-01 12:07:00',
      id: '1782900000.7',
      startedAt: '2026-07-01T12:07:00',
      because: 'no zone is 127 minutes away: a row that begins late',
    },
    {
      zone: 'UTC',
      start: '2026-07-01 12:00:00',
      id: 'my-own-id',
      startedAt: '2026-07-01T12:00:00',
      because: 'not an id of Asterisk',
    },
  ]
  for (const { zone, start, id, startedAt, because } of cases)
    it(`${start} in ${zone} of ${id} is ${startedAt}: ${because}`, () => {
      const reading = readMasterRow(at(start, start, id), { timeZone: zone })
      assert.ok(reading.ok)
      assert.equal(reading.call.started_at, `${startedAt}.000000Z`)
    })

  it('does not let a call that crosses the autumn change end before it began', () => {
    const reading = readMasterRow(at('2026-10-25 02:59:00', '2026-10-25 02:01:00', null), { timeZone: 'Europe/Paris' })
    assert.ok(reading.ok)
    assert.deepEqual(
      [reading.call.started_at, reading.call.ended_at],
      ['2026-10-25T00:59:00.000000Z', '2026-10-25T01:01:00.000000Z'],
    )
  })
})

describe('what is refused', () => {
  const [row = []] = newRows
  const cases = [
    { given: [], reason: 'unreadable', field: null },
    { given: row.slice(0, 15), reason: 'unreadable', field: null },
    { given: [...row, 'x'], reason: 'unreadable', field: null },
    { given: row.with(9, ''), reason: 'missing_field', field: 'start' },
    { given: row.with(11, '0000-00-00 00:00:00'), reason: 'missing_field', field: 'end' },
    { given: row.with(9, 'yesterday'), reason: 'bad_time', field: 'start' },
    { given: row.with(10, '2026-02-30 00:00:00'), reason: 'bad_time', field: 'answer' },
  ]
  for (const { given, reason, field } of cases)
    it(`${given.length} columns with ${JSON.stringify(given.slice(9, 12))}: ${reason}`, () => {
      const reading = readMasterRow(given, { timeZone: 'UTC' })
      assert.ok(!reading.ok)
      assert.deepEqual([reading.reason, reading.field], [reason, field])
    })

  it('costs no other row of its channel', () => {
    const rows = newRows.filter(([, caller]) => caller === '+442079460012')
    const readings = readMasterChain([rows[0]?.with(9, 'never') as string[], rows[1] as string[]], { timeZone: 'UTC' })
    assert.deepEqual(
      readings.map(({ rows, reading }) => [rows, reading.ok]),
      [
        [[1], true],
        [[0], false],
      ],
    )
  })

  it('any columns at all get an answer and never a throw', () => {
    const column = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', 'ANSWERED', '2026-11-21 06:42:22', '1795243342.1', 'PJSIP/a-01'),
    )
    fc.assert(
      fc.property(fc.array(fc.array(column, { maxLength: 22 }), { maxLength: 4 }), (chain) =>
        readMasterChain(chain, { timeZone: 'UTC' }).every(({ reading }) => typeof reading.ok === 'boolean'),
      ),
    )
  })
})

describe('parseMasterLines', () => {
  it('takes doubled quotes and backslashes as Asterisk writes them', () => {
    const [columns] = parseMasterLines(['"","""Zoë \\\\\\""Z\\\\\\"" Müller"" <+44>",0,,"x"'])
    assert.deepEqual(columns, ['', '"Zoë \\\\\\"Z\\\\\\" Müller" <+44>', '0', '', 'x'])
  })

  it('does not let a stray quote swallow the lines after it', () => {
    const lines = ['"a",1', '"b,2', '"c",3']
    const parsed = parseMasterLines(lines)
    assert.equal(parsed.length, 3)
    assert.deepEqual(
      [parsed[0], parsed[2]],
      [
        ['a', '1'],
        ['c', '3'],
      ],
    )
  })

  it('takes rows that quote nothing', () =>
    assert.deepEqual(parseMasterLines(['a,"pn01" <5300>,b']), [['a', '"pn01" <5300>', 'b']]))
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { RunningServer } from '../support/running-server.ts'

type Json = Record<string, unknown>

const GOOD = { direction: 'inbound', started_at: '2024-01-15T14:28:48Z', ended_at: '2024-01-15T14:32:00Z' }
const NDJSON = 'application/x-ndjson'

describe('bad input to the native API', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start({ bodyLimitMib: 16 })
  })
  after(() => server.stop())

  /** Stores a good call: the server is up, and nothing got stuck. */
  const isUp = async () => {
    const { stored } = (await (await server.post({ ...GOOD, source_id: crypto.randomUUID() })).json()) as Json
    assert.equal(stored, 1)
  }

  describe('a record', () => {
    const deep = JSON.parse(`${'{"center":'.repeat(500)}1${'}'.repeat(500)}`)
    const cases: [record: unknown, field: string, reason: RegExp][] = [
      [{ ...GOOD, from: { number: 12025551234 } }, 'from.number', /must be text/],
      [{ ...GOOD, direction: 'sideways' }, 'direction', /must be one of inbound, outbound/],
      [{ ...GOOD, ended_at: '2024-01-15T14:00:00Z' }, 'ended_at', /before started_at/],
      [{ ...GOOD, started_at: '2098-01-01T00:00:00Z', ended_at: null, kind: 'start' }, 'started_at', /future/],
      [{ ...GOOD, started_at: '2024-02-30T00:00:00Z' }, 'started_at', /not a time/],
      [{ ...GOOD, started_at: '2024-01-15 14:28:48' }, 'started_at', /zone/],
      [{ ...GOOD, started_at: 1705328928 }, 'started_at', /RFC 3339/],
      [{ ...GOOD, user_data: 'x'.repeat(10_000_000) }, 'user_data', /at most 8192/],
      [{ ...GOOD, user_data: '\ud800' }, 'user_data', /surrogate/],
      [{ ...GOOD, user_data: 'a\u0000b' }, 'user_data', /U\+0000/],
      [{ ...GOOD, colour: 'red' }, 'colour', /not a field/],
      [{ ...GOOD, from: { numbr: '1' } }, 'from.numbr', /not a field/],
      [{ ...GOOD, call_uuid: 'call-1' }, 'call_uuid', /UUID/],
      [{ ...GOOD, account_id: 'MAOTHEROTHEROTHEROTH' }, 'account_id', /account of this key/],
      [{ ...GOOD, cost: { rate: 0.005 } }, 'cost.rate', /decimal string/],
      [{ ...GOOD, cost: { rate: '-1' } }, 'cost.rate', /must be from/],
      [{ ...GOOD, cost: { bill_seconds: 1.5 } }, 'cost.bill_seconds', /whole number/],
      [{ ...GOOD, clear: ['ended_at'] }, 'clear', /cannot be emptied/],
      [{ ...GOOD, center: { agents: [{ alias: null }] } }, 'center.agents[0]', /needs id/],
      [{ ...GOOD, ...deep }, 'center.center', /not a field/],
      [{ direction: 'inbound', kind: 'start' }, 'started_at', /is needed/],
      [{ from: null }, 'record', /says nothing of a call/],
      ['text', 'record', /JSON object/],
      [null, 'record', /JSON object/],
    ]
    for (const [record, field, reason] of cases)
      it(`is refused naming ${field}: ${reason.source}`, async () => {
        const response = await server.post([record, { ...GOOD, source_id: crypto.randomUUID() }])
        const { stored, rejected } = (await response.json()) as { stored: number; rejected: Json[] }
        assert.deepEqual([response.status, stored, rejected.length], [200, 1, 1])
        assert.deepEqual([rejected[0]?.index, rejected[0]?.field], [0, field])
        assert.match(String(rejected[0]?.reason), reason)
      })

    it('of ten years ago is a call like any other', async () => {
      const old = { source_id: 'old', started_at: '2014-01-15T14:28:48Z', ended_at: '2014-01-15T14:32:00Z' }
      assert.equal(((await (await server.post(old)).json()) as Json).stored, 1)
    })

    it('with a key given twice is read as JSON reads it: the last counts', async () => {
      const body = `{"source_id":"twice","started_at":"2024-01-15T14:28:48Z","direction":"inbound","direction":"outbound"}`
      await server.native('/calls', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { calls } = (await (await server.native('/calls?source_id=twice')).json()) as { calls: Json[] }
      assert.equal(calls[0]?.direction, 'outbound')
    })
  })

  describe('a body', () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => JSON.stringify({ ...GOOD, source_id: `line-${n}` }))
    const text = `${lines.join('\n')}\n`
    const gzipped = gzipSync(text)
    const post = async (body: Uint8Array | string, headers: Record<string, string>) => {
      const response = await server.native('/calls', { method: 'POST', headers, body: body as string })
      return { status: response.status, body: (await response.json()) as Json, headers: response.headers }
    }

    it('of ten thousand lines with a broken one stores the others, and keeps that one in the quarantine', async () => {
      const broken = [...lines]
      broken[5000] = '{"started_at": "2024-01-'
      const { status, body } = await post(broken.join('\n'), { 'content-type': NDJSON })
      assert.deepEqual([status, body.received, body.stored, body.rejected_total], [200, 10_000, 9999, 1])
      assert.equal((body.rejected as Json[])[0]?.index, 5000)
      const { quarantined } = { quarantined: server.calltrail.directory.quarantined({ accountId: null, limit: 1 }) }
      assert.equal(quarantined.entries[0]?.raw, broken[5000])
    })

    it('that is half a gzip stream is a 400 that says how far it got, and whole lines are stored', async () => {
      const half = gzipped.subarray(0, gzipped.length / 2)
      const { status, body } = await post(half, { 'content-type': NDJSON, 'content-encoding': 'gzip' })
      const { error, received, stored, updated, duplicates } = body as { error: Json } & Record<string, number>
      assert.equal(status, 400)
      assert.match(
        String(error.message),
        new RegExp(`stops in the middle, after ${half.length} bytes: .*${received} records`),
      )
      assert.ok((received as number) > 1000)
      assert.equal((stored as number) + (updated as number) + (duplicates as number), received)
    })

    it('of two zstd frames is read to the end', async () => {
      const frames = Buffer.concat([text.slice(0, 99_999), text.slice(99_999)].map((part) => zstdCompressSync(part)))
      const { status, body } = await post(frames, { 'content-type': NDJSON, 'content-encoding': 'zstd' })
      assert.deepEqual([status, body.received], [200, 10_000])
    })

    it('of a zstd frame and garbage stores the frame and is a 400', async () => {
      const packed = Buffer.concat([zstdCompressSync(text), Buffer.from('garbage')])
      const { status, body } = await post(packed, { 'content-type': NDJSON, 'content-encoding': 'zstd' })
      assert.deepEqual([status, body.received], [400, 10_000])
    })

    it('that is a bomb is a 413, packed either way and as either type', async () => {
      const zeros = Buffer.alloc(200_000_000, ' ')
      for (const [encoding, bomb] of [
        ['gzip', gzipSync(zeros)],
        ['zstd', zstdCompressSync(zeros)],
      ] as const)
        for (const type of ['application/json', NDJSON]) {
          const { status, body } = await post(bomb, { 'content-type': type, 'content-encoding': encoding })
          assert.deepEqual(
            [status, (body.error as Json).code],
            [413, 'too_large'],
            `${encoding} ${type} ${bomb.length}`,
          )
        }
    })

    const refused: [
      name: string,
      body: string | Buffer,
      headers: Record<string, string>,
      status: number,
      message: RegExp,
    ][] = [
      ['no JSON', '{"started_at"', { 'content-type': 'application/json' }, 400, /body: is not JSON/],
      ['empty', '', { 'content-type': 'application/json' }, 400, /body: is not JSON/],
      ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), { 'content-type': 'application/json' }, 400, /not valid UTF-8/],
      ['of another type', '<call/>', { 'content-type': 'text/xml' }, 415, /application\/json/],
      ['packed in another way', 'x', { 'content-type': NDJSON, 'content-encoding': 'br' }, 415, /gzip, zstd/],
      ['too large', `"${'x'.repeat(17 * 1024 * 1024)}"`, { 'content-type': 'application/json' }, 413, /16777216 bytes/],
      [
        'nested 100,000 deep',
        `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
        { 'content-type': 'application/json' },
        200,
        /^$/,
      ],
    ]
    for (const [name, body, headers, status, message] of refused)
      it(`${name} is answered ${status}`, async () => {
        const answer = await post(body, headers)
        assert.equal(answer.status, status, JSON.stringify(answer.body).slice(0, 300))
        if (status !== 200) assert.match(String((answer.body.error as Json).message), message)
        await isUp()
      })

    it('with a line that is no UTF-8 refuses that line', async () => {
      const mixed = Buffer.concat([
        Buffer.from(`${lines[0]}\n`),
        Buffer.from([0xff, 0x0a]),
        Buffer.from(`${lines[1]}\n`),
      ])
      const { body } = await post(mixed, { 'content-type': NDJSON })
      assert.deepEqual([body.received, body.rejected_total], [3, 1])
    })
  })

  describe('a list', () => {
    const refused: [query: string, field: string][] = [
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=-5', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['legs=some', 'legs'],
      ['colour=red', 'colour'],
      ['direction__like=in', 'direction__like'],
      ['offset=10', 'offset'],
      ['order=colour', 'order'],
      ['cursor=xyz', 'cursor'],
      ['cursor=WzFd', 'cursor'],
      ['from=', 'from'],
      ['duration=long', 'duration'],
      ['duration__prefix=1', 'duration__prefix'],
      ['started_at=yesterday', 'started_at'],
      ['started_at__gte=null', 'started_at__gte'],
      ['trunk.srtp=maybe', 'trunk.srtp'],
      ['cost.amount__gt=1,5', 'cost.amount__gt'],
      ['where={', 'where'],
      ['where=[]', 'where'],
      ['where={"field":"colour","value":1}', 'where'],
      ['where={"field":"direction","op":"like","value":"x"}', 'where'],
      [`where=${'{"not":'.repeat(20)}{"field":"direction","value":"x"}${'}'.repeat(20)}`, 'where'],
      [`where={"or":[${'{"field":"direction","value":"x"},'.repeat(120)}{"field":"direction","value":"x"}]}`, 'where'],
      [`hangup.code__in=${'1,'.repeat(1001)}1`, 'hangup.code__in'],
      ['direction=%00', 'direction'],
      ['direction=sideways', 'direction'],
      ['state=nonsense', 'state'],
      ['hangup.by__in=carrier,nobody', 'hangup.by__in'],
    ]
    for (const [query, field] of refused)
      it(`?${query.slice(0, 60)} is a 400 that names ${field}`, async () => {
        const response = await server.native(`/calls?${query}`)
        const { error } = (await response.json()) as { error: Json }
        assert.deepEqual([response.status, error.code], [400, 'bad_request'], JSON.stringify(error))
        assert.ok(String(error.field).startsWith(field) || error.field === 'where', String(error.field))
      })

    const INJECTIONS = ["' OR 1=1 --", '"; DROP TABLE calls; --', '1); DELETE FROM calls; --', '%', '_', '\\', "''"]
    for (const text of INJECTIONS)
      it(`takes ${text} as text: it finds nothing, and the calls are still there`, async () => {
        const total = async (query: string) => ((await (await server.native(`/calls?${query}`)).json()) as Json).total
        await isUp()
        const before = (await total('limit=1')) as number
        for (const field of [
          'from.name',
          'from.name__contains',
          'source',
          'sip_call_id__prefix',
          'tags',
          'hangup.name__suffix',
        ])
          assert.equal(await total(`${field}=${encodeURIComponent(text)}`), 0, field)
        assert.equal(await total('limit=1'), before)
      })

    it('with a cursor of another query is a 400', async () => {
      await isUp()
      await isUp()
      const { next_cursor } = (await (await server.native('/calls?limit=1')).json()) as Json
      const response = await server.native(`/calls?limit=1&direction=inbound&cursor=${next_cursor}`)
      assert.equal(response.status, 400)
      assert.match(await response.text(), /other parameters/)
    })
  })

  const paths: [method: string, path: string, status: number, code: string][] = [
    ['GET', '/calls/90b6eb07-796c-4d86-a4fd-44ed11667ddb', 404, 'call_not_found'],
    ['GET', '/calls/not-a-uuid', 404, 'call_not_found'],
    ['GET', `/calls/${'x'.repeat(300)}`, 404, 'call_not_found'],
    ['GET', '/nowhere', 404, 'unknown_path'],
    ['GET', '/calls/%zz', 400, 'bad_request'],
    ['DELETE', '/calls', 405, 'method_not_allowed'],
    ['POST', '/changes', 405, 'method_not_allowed'],
    ['PUT', '/calls/export', 405, 'method_not_allowed'],
    ['GET', '/changes?after=-1', 400, 'bad_request'],
    ['GET', '/changes?since=1', 400, 'bad_request'],
    ['GET', '/calls/export?format=xml', 400, 'bad_request'],
    ['GET', '/calls/export?limit=5', 400, 'bad_request'],
  ]
  for (const [method, path, status, code] of paths)
    it(`${method} ${path.slice(0, 60)} is answered ${status} ${code}`, async () => {
      const response = await server.native(path, { method })
      const { error } = (await response.json()) as { error: Json }
      assert.deepEqual([response.status, error.code], [status, code])
      if (status === 405) assert.ok(response.headers.get('allow'))
      await isUp()
    })
})

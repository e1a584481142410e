import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { defaultSettings } from '../../src/record/account.ts'
import { ALICE } from '../support/directory-in-folder.ts'
import { type Answer, NativeAdmin } from '../support/native-admin.ts'

describe('the native API of the quarantine', () => {
  let server: NativeAdmin
  let bob: string
  beforeEach(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
    bob = server.at.directory.createAccount({ settings: defaultSettings('Bob') }).id
  })
  afterEach(() => server.close())

  const put = (accountId: string | null, raw: string, count = 1) =>
    server.at.directory.quarantine(
      Array.from({ length: count }, (_, at) => ({
        source: 'fs-london',
        accountId,
        arrivedAtUs: server.at.nowUs,
        origin: `calls.ndjson:${17 + at}`,
        field: 'started_at',
        reason: 'bad_time',
        raw,
      })),
    )
  const idsOf = ({ entries }: Answer) => entries.map(({ id }: { id: number }) => id)

  it('lists the entries of the account, newest first, without the records', async () => {
    put(ALICE, 'ü')
    put(bob, 'bobs')
    put(null, 'nobodys')
    put(ALICE, 'second')
    const { status, body } = await server.ask('GET /quarantine', { key: server.key(['admin']) })
    assert.equal(status, 200)
    assert.deepEqual([idsOf(body), body.total, body.next_before], [[4, 1], 2, null])
    assert.deepEqual(body.entries[1], {
      id: 1,
      source: 'fs-london',
      account_id: ALICE,
      arrived_at: '2024-01-15T14:28:48.000000Z',
      origin: 'calls.ndjson:17',
      field: 'started_at',
      reason: 'bad_time',
      raw_bytes: 2,
    })
  })

  it("lists everyone's entries, and those of no account, to the operator", async () => {
    put(ALICE, 'x')
    put(null, 'x')
    const key = server.key(['operator'])
    assert.deepEqual(idsOf((await server.ask('GET /quarantine?all=true', { key })).body), [2, 1])
    assert.equal((await server.ask('GET /quarantine?all=false', { key })).status, 403)
    assert.equal((await server.ask('GET /quarantine?all=true', { key: server.key(['admin']) })).status, 403)
  })

  it('pages through all entries once, the last page full or not', async () => {
    put(ALICE, 'x', 6)
    const key = server.key(['admin'])
    for (const limit of [1, 2, 3, 4, 6, 7]) {
      const seen: number[] = []
      let next = ''
      do {
        const { body } = await server.ask(`GET /quarantine?limit=${limit}${next}`, { key })
        seen.push(...idsOf(body))
        next = body.next_before === null ? '' : `&before=${body.next_before}`
      } while (next !== '')
      assert.deepEqual(seen, [6, 5, 4, 3, 2, 1], `limit ${limit}`)
    }
  })

  it('answers an empty quarantine with an empty page', async () => {
    const { body } = await server.ask('GET /quarantine', { key: server.key(['admin']) })
    assert.deepEqual(body, { entries: [], total: 0, next_before: null })
  })

  it('shows a record exactly as it arrived, and drops it', async () => {
    const raw = '{"a": "\u0000 ü ☎ \\u00fc"}\n'
    put(ALICE, raw)
    const key = server.key(['admin'])
    const { body } = await server.ask('GET /quarantine/1', { key })
    assert.deepEqual([body.raw, body.raw_bytes], [raw, Buffer.byteLength(raw)])
    assert.equal((await server.ask('DELETE /quarantine/1', { key })).status, 204)
    assert.equal((await server.ask('GET /quarantine/1', { key })).status, 404)
    assert.equal((await server.ask('DELETE /quarantine/1', { key })).status, 404)
  })

  it("answers 404 for another account's entry and for nobody's, but not to the operator", async () => {
    put(bob, 'bobs')
    put(null, 'nobodys')
    const admin = server.key(['admin', 'read', 'ingest'])
    for (const id of [1, 2])
      for (const method of ['GET', 'DELETE'])
        assert.equal((await server.ask(`${method} /quarantine/${id}`, { key: admin })).status, 404)
    const operator = server.key(['operator'])
    assert.equal((await server.ask('GET /quarantine/1', { key: operator })).body.raw, 'bobs')
    assert.equal((await server.ask('DELETE /quarantine/2', { key: operator })).status, 204)
  })
})

describe('queries of the quarantine that the native API refuses', () => {
  let server: NativeAdmin
  before(() => {
    server = new NativeAdmin()
    server.at.addAccount(ALICE)
  })
  after(() => server.close())

  const refusals: { path: string; field: string }[] = [
    { path: '?limit=0', field: 'limit' },
    { path: '?limit=201', field: 'limit' },
    { path: '?limit=-1', field: 'limit' },
    { path: '?limit=', field: 'limit' },
    { path: '?limit=1e2', field: 'limit' },
    { path: '?limit=5&limit=6', field: 'limit' },
    { path: '?before=0', field: 'before' },
    { path: '?before=99999999999999999999', field: 'before' },
    { path: "?before=1'--", field: 'before' },
    { path: '?all=1', field: 'all' },
    { path: '?All=true', field: 'All' },
    { path: '?account_id=MA2025RK4E639VJFZAGV', field: 'account_id' },
    { path: '/x', field: 'id' },
    { path: '/0', field: 'id' },
    { path: '/1.5', field: 'id' },
    { path: '/1?raw=true', field: 'raw' },
  ]
  for (const { path, field } of refusals) {
    it(`refuses ${path}, naming ${field}`, async () => {
      const answer = await server.ask(`GET /quarantine${path}`, { key: server.key(['admin']) })
      assert.deepEqual([answer.status, answer.body.error.field], [400, field])
    })
  }
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeId } from '../src/dialect/portsip/ids.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { MALLORY } from './support/plivo-server.ts'
import { PortsipServer } from './support/portsip-server.ts'

const SESSION = '798119942409949184'

/** By their source's id, oldest first; a conversation of three legs, two plain calls, one that goes on. */
const CALLS = [
  {
    source_id: 'answered',
    from: { number: '102', name: 'Kelly' },
    to: { number: '103' },
    direction: 'internal',
    started_at: '2024-08-20T06:00:00Z',
    rang_at: '2024-08-20T06:00:01Z',
    answered_at: '2024-08-20T06:00:02Z',
    ended_at: '2024-08-20T06:00:40Z',
    hangup: { side: 'callee', sip_status: 200 },
    cost: { amount: '0.75' },
  },
  {
    source_id: 'busy',
    from: { number: '101', name: "Joan O'Hara" },
    to: { number: '103' },
    direction: 'internal',
    started_at: '2024-08-20T07:00:00Z',
    ended_at: '2024-08-20T07:00:05Z',
    hangup: { side: 'callee', sip_status: 486 },
  },
  {
    source_id: 'agent-2',
    session_id: SESSION,
    leg: 'b',
    from: { number: '+12025550142' },
    to: { number: '104' },
    started_at: '2024-08-20T08:00:20Z',
    answered_at: '2024-08-20T08:00:30Z',
    ended_at: '2024-08-20T08:05:00Z',
    trunk: { name: 'carrier' },
    sip_call_id: 'leg-two@pbx',
  },
  {
    source_id: 'agent-1',
    session_id: SESSION,
    leg: 'b',
    from: { number: '+12025550142' },
    to: { number: '102' },
    started_at: '2024-08-20T07:59:59Z',
    ended_at: '2024-08-20T08:00:20Z',
  },
  {
    source_id: 'caller',
    session_id: SESSION,
    leg: 'a',
    direction: 'inbound',
    from: { number: '+12025550142' },
    to: { number: '8000' },
    did: '+12025550191',
    started_at: '2024-08-20T08:00:00Z',
    answered_at: '2024-08-20T08:00:01Z',
    ended_at: '2024-08-20T08:05:00Z',
    hangup: { side: 'caller' },
    trunk: { name: 'carrier' },
  },
  { source_id: 'live', from: { number: '102' }, to: { number: '104' }, started_at: '2024-08-20T23:59:00Z' },
]

describe("PortSIP's lists", () => {
  let server: PortsipServer
  before(async () => {
    server = await PortsipServer.start()
    await server.add(ALICE, ...CALLS)
    await server.add(MALLORY, { ...CALLS[0], source_id: 'mallorys' })
  })
  after(() => server.close())

  /** What tells the calls apart in an answer: where they went to and when they began. */
  const found = async (options: Record<string, string> = {}, path = '/calllogs') => {
    const { status, body } = await server.list(options, path)
    assert.equal(status, 200, JSON.stringify(body))
    const names = body.items.map(
      ({ started_at }) => CALLS.find((call) => started_at.startsWith(call.started_at.slice(0, -1)))?.source_id,
    )
    return { count: body.count, names }
  }

  it('have one row a session, of ended calls of the account, newest start first', async () => {
    const expected = { count: 3, names: ['caller', 'busy', 'answered'] }
    assert.deepEqual(await found(), expected)
    assert.deepEqual(await found({}, '/cdrs'), expected)
    assert.deepEqual(await found({}, '/calllogs/'), expected)
  })

  it('give pages by top and skip, and always the count of all', async () => {
    assert.deepEqual(await found({ top: '1' }), { count: 3, names: ['caller'] })
    assert.deepEqual(await found({ $top: '1', $skip: '1', $count: 'false' }), { count: 3, names: ['busy'] })
    assert.deepEqual(await found({ skip: '3' }), { count: 3, names: [] })
    assert.deepEqual(await found({ skip: '9007199254740991', count: 'true' }), { count: 3, names: [] })
  })

  it('answer HEAD as GET, without the body', async () => {
    const answer = await server.ask('/calllogs', { method: 'HEAD' })
    assert.deepEqual([answer.status, answer.text], [200, ''])
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  })

  const orders: [string, string[]][] = [
    ['started_at', ['answered', 'busy', 'caller']],
    ['started_at desc', ['caller', 'busy', 'answered']],
    ['callee asc, caller desc', ['answered', 'busy', 'caller']],
    ['callee, caller', ['busy', 'answered', 'caller']],
    ['answered_at', ['busy', 'answered', 'caller']],
    ['answered_at desc', ['caller', 'answered', 'busy']],
    ['cost desc, started_at', ['answered', 'busy', 'caller']],
    ['duration desc', ['caller', 'answered', 'busy']],
    ['trunk, caller_display_name desc', ['answered', 'busy', 'caller']],
    ['id', ['answered', 'busy', 'caller']],
  ]
  for (const [orderby, names] of orders)
    it(`sort by ${orderby}, blanks before all else`, async () =>
      assert.deepEqual(await found({ orderby }), { count: 3, names }))

  const filters: [string, string[]][] = [
    ["caller eq '102' or callee eq '8000'", ['caller', 'answered']],
    ["started_at gt '2024-08-20T06:30:00Z' and started_at lt '2024-08-20T07:30:00+00:00'", ['busy']],
    ["end_reason eq 'CALLEE_DISCONNECTED'", ['answered']],
    ["end_reason eq ''", ['busy']],
    ['status_code eq 0', ['caller', 'answered']],
    ['status_code ge 400', ['busy']],
    ['cost gt 0.5', ['answered']],
    ["caller_display_name eq 'Joan O''Hara'", ['busy']],
    [`session_id eq '${encodeId(SESSION)}'`, ['caller']],
    [`session_id eq '${SESSION}'`, ['caller']],
    ["not (direction eq 'EXTENSION_CALL')", ['caller']],
    ['', ['caller', 'busy', 'answered']],
  ]
  for (const [filter, names] of filters)
    it(`filter by ${filter || 'nothing'}, with $ and without`, async () => {
      assert.deepEqual(await found({ filter }), { count: names.length, names })
      assert.deepEqual(await found({ $filter: filter }, '/cdrs'), { count: names.length, names })
    })

  it('search numbers, names and the rest for a text, and filter besides', async () => {
    assert.deepEqual(await found({ search: '103' }), { count: 2, names: ['busy', 'answered'] })
    assert.deepEqual(await found({ search: ' Kelly ' }), { count: 1, names: ['answered'] })
    assert.deepEqual(await found({ search: '55019' }), { count: 1, names: ['caller'] })
    assert.deepEqual(await found({ search: '%' }), { count: 0, names: [] })
    assert.deepEqual(await found({ $search: '103', filter: 'status_code eq 486' }), { count: 1, names: ['busy'] })
  })

  it('take no notice of options that they do not know', async () =>
    assert.equal((await found({ expand: 'x', select: 'caller', page: '7' })).count, 3))

  it('find nothing by what would be an injection elsewhere', async () => {
    for (const text of ["' or 1 eq 1", "'; DROP TABLE calls; --", '%', '_', '\\'])
      assert.equal((await found({ filter: `caller eq '${text.replaceAll("'", "''")}'` })).count, 0)
    assert.equal((await found()).count, 3)
  })

  describe('and single calls', () => {
    it('are found by their id as it goes out, bare or decoded, and by those of their source', async () => {
      const [item] = (await server.list({ filter: "caller eq '102'" })).body.items
      const id = item?.id ?? ''
      const decimal = Buffer.from(id, 'base64').toString()
      for (const asked of [id, encodeURIComponent(id), id.replace(/=+$/, ''), decimal, 'answered']) {
        const { status, body } = await server.ask(`/calllogs/${asked}`)
        assert.deepEqual([status, body.caller, body.id], [200, '102', id], asked)
      }
    })

    it('are found by their session, as its primary leg', async () => {
      for (const asked of [SESSION, encodeId(SESSION)]) {
        const { body } = await server.ask(`/calllogs/${asked}/`)
        assert.deepEqual([body.callee, body.session_id, body.duration], ['8000', encodeId(SESSION), 299])
      }
    })

    it('are the call that has the id here before one whose source gave it that', async () => {
      const { body: before } = await server.ask('/calllogs/busy')
      const ownDecimal = Buffer.from(String(before.id), 'base64').toString()
      await server.add(MALLORY, { ...CALLS[1], source_id: ownDecimal })
      await server.add(ALICE, { ...CALLS[2], session_id: null, source_id: ownDecimal })
      assert.equal((await server.ask(`/calllogs/${ownDecimal}`)).body.id, before.id)
      await server.add(ALICE, { ...CALLS[3], session_id: 'busy', source_id: 'of-session-busy' })
      assert.equal((await server.ask('/calllogs/busy')).body.id, before.id)
    })

    it('have the legs of their session, the primary first and then by start, whichever leg is asked for', async () => {
      for (const asked of [SESSION, 'caller', 'agent-1', 'agent-2']) {
        const { status, body } = await server.ask(`/cdrs/${asked}`)
        assert.equal(status, 200)
        assert.deepEqual(
          body.items.map(({ callee, started_at }) => [callee, started_at.slice(11, 19)]),
          [
            ['8000', '08:00:00'],
            ['102', '07:59:59'],
            ['104', '08:00:20'],
          ],
        )
      }
    })

    it('are their only leg where there is no session', async () => {
      const { body } = await server.ask('/cdrs/busy')
      assert.equal(body.items.length, 1)
      assert.deepEqual([body.items[0]?.status_code, body.items[0]?.answered_at], [486, ''])
    })

    it('are not there while they go on, of another account, or at all', async () => {
      for (const asked of ['live', 'mallorys', 'nobody', '999999', encodeId(999_999), '%00', '漢字', 'x'.repeat(512)])
        for (const path of ['/calllogs/', '/cdrs/']) {
          const { status, body } = await server.ask(path + encodeURI(asked))
          assert.deepEqual([status, body.errors[0]?.code], [404, 'NOT_FOUND'], asked)
        }
    })
  })
})

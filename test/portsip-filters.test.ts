import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { printFilter } from '../src/dialect/portsip/filter-tree.ts'
import type { CallLog } from '../src/dialect/portsip/schema.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { PortsipServer } from './support/portsip-server.ts'
import { anyFilter, holdsOfShown } from './support/shown-filter.ts'
import { SqliteStoreInFolder } from './support/sqlite-store-in-folder.ts'

const CALLS = 60

const at = <T>(values: readonly T[], ordinal: number): T => values[ordinal % values.length] as T

/** Calls that share the values of each field at different lengths, so that a filter finds some of them. */
const aBody = (ordinal: number) => ({
  source_id: `call-${ordinal}`,
  session_id: at([null, '798119942409949184', 'a-session', `${ordinal}`], ordinal >> 1),
  sip_call_id: at(['one@pbx', null, 'two@pbx'], ordinal),
  direction: at(['inbound', 'outbound', 'internal', 'transit'], ordinal),
  from: {
    as_sent: at(['102', 'sip:102@test.com', "O'Hara", '+12025551234'], ordinal),
    name: at(['Kelly', null], ordinal),
  },
  to: { as_sent: at(['103', '8000', null], ordinal), domain: at([null, 'test.com'], ordinal >> 1) },
  started_at: `2024-08-20T06:${String(ordinal).padStart(2, '0')}:00.00000${ordinal % 3}Z`,
  rang_at: at([null, `2024-08-20T06:${String(ordinal).padStart(2, '0')}:01Z`], ordinal),
  answered_at: at([`2024-08-20T06:${String(ordinal).padStart(2, '0')}:02Z`, null], ordinal >> 1),
  ended_at: `2024-08-20T07:${String(ordinal).padStart(2, '0')}:00Z`,
  hangup: {
    side: at(['caller', 'callee', 'platform', null], ordinal >> 1),
    sip_status: at([null, 200, 486, 487], ordinal),
    end_reason: at([null, null, 'REFERRED', 'CALLER_DISCONNECT', 'nonsense'], ordinal),
  },
  cost: { amount: at([null, '0', '0.5', '0.500001', '-0.25'], ordinal) },
  did: at([null, '+12025550191'], ordinal),
  trunk: { name: at(['carrier', null, 'Carrier'], ordinal) },
  user_data: at([null, '', 'x=1', 'Zoë 👩‍👧'], ordinal),
})

/** Fields that a list can be sorted by, and where their blanks are: before all else. */
const SORTABLE = [
  'started_at',
  'ended_at',
  'answered_at',
  'rang_at',
  'duration',
  'trunk',
  'did_cid',
  'callee_domain',
] as const

describe('the PortSIP dialect over the SQLite store', () => {
  const folder = new SqliteStoreInFolder()
  let server: PortsipServer
  let items: CallLog[]
  before(async () => {
    server = await PortsipServer.start({ calls: await folder.open() })
    await server.add(ALICE, ...Array.from({ length: CALLS }, (_, ordinal) => aBody(ordinal)))
    const listed = (await server.list()).body.items
    items = await Promise.all(listed.map(async ({ id }) => (await server.ask(`/calllogs/${id}`)).body as never))
    assert.equal(items.length, CALLS)
  })
  after(async () => {
    await server.close()
    await folder.remove()
  })

  it('lists what a filter holds of, by what is shown', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter(items), async (tree) => {
        const filter = printFilter(tree)
        const { status, body } = await server.list({ filter })
        if (status === 400) {
          assert.match(body.errors[0]?.detail?.reason ?? '', /^asks for too much at once/)
          return
        }
        const expected = items.filter((item) => holdsOfShown(tree, item)).map(({ id }) => id)
        assert.deepEqual(
          body.items.map(({ id }) => id),
          expected,
          filter,
        )
        assert.equal(body.count, expected.length)
      }),
      { numRuns: 250 },
    )
  })

  it('sorts by what is shown, and gives each call once on pages of any size', async () => {
    const anyKeys = fc.uniqueArray(fc.record({ name: fc.constantFrom(...SORTABLE), descending: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ name }) => name,
    })
    await fc.assert(
      fc.asyncProperty(anyKeys, fc.integer({ min: 7, max: 100 }), async (keys, top) => {
        const orderby = keys.map(({ name, descending }) => `${name} ${descending ? 'desc' : 'asc'}`).join(', ')
        const listed: CallLog[] = []
        for (let skip = 0; skip < CALLS; skip += top)
          listed.push(...(await server.list({ orderby, top: String(top), skip: String(skip) })).body.items)
        assert.equal(new Set(listed.map(({ id }) => id)).size, CALLS)
        listed.slice(1).forEach((item, index) => {
          assert.ok(order(listed[index] as CallLog, item, keys) <= 0, `${orderby}: place ${index}`)
        })
      }),
      { numRuns: 40 },
    )
  })
})

function order(
  a: CallLog,
  b: CallLog,
  keys: readonly { name: (typeof SORTABLE)[number]; descending: boolean }[],
): number {
  for (const { name, descending } of keys) {
    const [one, other] = [a[name], b[name]]
    if (one !== other) return (one < other ? -1 : 1) * (descending ? -1 : 1)
  }
  return 0
}

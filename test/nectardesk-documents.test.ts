import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { NectarDeskCall, NectarDeskMeta } from '../src/dialect/nectardesk/schema.ts'
import { formatRfc3339 } from '../src/record/time.ts'
import { askNectarDesk, storeCalls } from './support/nectardesk.ts'
import { RunningServer } from './support/running-server.ts'

const EXAMPLE = JSON.parse(readFileSync(new URL('fixtures/nectardesk/calls.json', import.meta.url), 'utf8')) as {
  calls: Documented[]
  meta: NectarDeskMeta
}

type Known<T> = { [Key in keyof T]: NonNullable<T[Key]> }
/** In the example nothing is null. */
type Documented = Known<NectarDeskCall> & { contact: Known<NonNullable<NectarDeskCall['contact']>> }

const ORIGINAL = '00000000-0000-4000-8000-000000000002'
const uuidOf = ({ id }: Documented) => `00000000-0000-4000-8000-00000000${id}`

/** What a contact centre would report of a documented call: the same facts in the native form. */
function reportOf(shown: Documented): object {
  const { contact, number, external_numbers, all_agents } = shown
  const at = (afterS: number) => formatRfc3339((shown.started_at + afterS) * 1_000_000)
  return {
    call_uuid: uuidOf(shown),
    direction: shown.is_inbound ? 'inbound' : 'outbound',
    from: { number: number.number },
    to: { number: contact.number },
    started_at: at(0),
    answered_at: at(3),
    ended_at: at(3 + shown.duration),
    center: {
      number: { id: number.id, number: number.number, alias: number.alias },
      contact: {
        id: contact.id,
        full_name: contact.full_name,
        number: contact.number,
        country_code: contact.number_country_code,
        national_number: contact.national_number,
        list_ids: contact.list_ids,
      },
      agents: all_agents.map(({ id, user_id, alias, sip, started_at, hangup_reason }) => ({
        id,
        user_id,
        alias,
        sip,
        started_at: formatRfc3339(Number(started_at) * 1_000_000),
        transfer: 'none',
        hangup_reason,
      })),
      external_numbers: external_numbers.map((external) => ({ number: external.number, transfer: 'none' })),
      campaign: shown.campaign,
      ring_group: shown.ring_group,
      ivr: { ...shown.ivr, entered_at: null },
      disposition: shown.disposition,
      requested_callback: shown.requested_callback,
      original_call_uuid: ORIGINAL,
    },
    recordings: shown.recordings,
    tags: shown.tags,
  }
}

const original = { call_uuid: ORIGINAL, started_at: '2025-05-20T10:00:00Z', ended_at: '2025-05-20T10:00:30Z' }

describe("the nectardesk dialect, against the example of NectarDesk's documentation", () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
    // The calls of the example began in the same second: of those the one stored later comes first.
    await storeCalls(server, [original, ...EXAMPLE.calls.map(reportOf).reverse()])
  })
  after(() => server.stop())

  it('shows both calls with the very keys, in order, with their types and values; the ids are ours', async () => {
    const { status, body } = await askNectarDesk(server, '/calls/')
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), Object.keys(EXAMPLE))
    const [first, second, third] = body.calls
    assert.equal(body.calls.length, 3)
    for (const [at, shown] of [first, second].entries()) {
      const documented = EXAMPLE.calls[at] as Documented
      assert.ok(Number.isSafeInteger(shown?.id))
      const expected = { ...documented, id: shown?.id, original_call_id: third?.id }
      assert.equal(JSON.stringify(shown, null, 1), JSON.stringify(expected, null, 1))
    }
    assert.deepEqual(typesOf(first?.original_call_id), typesOf(EXAMPLE.calls[0]?.original_call_id))
  })

  it('pages with the keys of the example, and its types', async () => {
    const { body } = await askNectarDesk(server, '/calls/?page=1')
    assert.deepEqual(Object.keys(body.meta), Object.keys(EXAMPLE.meta))
    // The example counts more calls than it prints.
    assert.deepEqual(body.meta, { ...EXAMPLE.meta, total: 3, next: null })
    const paged = await askNectarDesk(server, '/calls/?limit=1')
    assert.deepEqual(typesOf(paged.body.meta), typesOf(EXAMPLE.meta))
  })

  it('keeps its ids over a second report of the same, and over a restart', async () => {
    const ids = async () => {
      const { body } = await askNectarDesk(server, '/calls/')
      return body.calls.map(({ id, original_call_id }) => [id, original_call_id])
    }
    const known = await ids()
    await storeCalls(server, EXAMPLE.calls.map(reportOf))
    assert.deepEqual(await ids(), known)
    await server.restart()
    assert.deepEqual(await ids(), known)
  })

  it('is what the native API shows a single call as', async () => {
    const { body } = await askNectarDesk(server, '/calls/')
    const [documented] = EXAMPLE.calls as [Documented]
    const answer = await server.native(`/calls/${uuidOf(documented)}?as=nectardesk`)
    assert.deepEqual(await answer.json(), body.calls[0])
  })

  it('tells that nothing is known of an original call that is not there', async () => {
    const strangers = { ...original, call_uuid: '00000000-0000-4000-8000-000000000003' }
    const center = { original_call_uuid: '00000000-0000-4000-8000-999999999999', requested_callback: true }
    await storeCalls(server, [{ ...strangers, tags: ['lost'], center }])
    const { body } = await askNectarDesk(server, '/calls/?dateTo=2025-05-20')
    assert.equal(body.calls.find(({ tags }) => tags.includes('lost'))?.original_call_id, null)
  })
})

/** The type of each value, at every depth. */
function typesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.entries(value).map(([key, inner]) => [key, inner === null ? 'null' : typesOf(inner)])
}

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { CALL_REPORTS, type CallName, NOON, namesOf, SHOWN_BY_DEFAULT } from './support/plivo-calls.ts'
import { basic, MALLORY, PlivoServer } from './support/plivo-server.ts'

const FACES = [
  { face: 'plivo', list: `/v1/Account/${ALICE}/Zentrunk/Call/` },
  { face: 'plivo-legacy', list: `/v1/Account/${ALICE}/Call/` },
]

const outbound: CallName[] = ['toChicago', 'transit', 'fromExtension', 'forwardedLeg']

/** Query strings and the calls they find, of those shown by default unless they name a time. */
const FOUND: { query: string; finds: readonly CallName[]; because?: string }[] = [
  { query: '', finds: SHOWN_BY_DEFAULT, because: 'thirty days are searched, of ended calls that crossed a trunk' },
  { query: 'from_number=919902443540', finds: ['fromIndia'] },
  { query: 'from_number=%2B919902443540', finds: ['fromIndia'], because: 'a + may be sent' },
  { query: 'from_number=+919902443540', finds: ['fromIndia'], because: 'an unencoded + arrives as a blank' },
  { query: 'from_number=91990244', finds: ['fromIndia', 'monthOld'], because: 'a beginning is enough' },
  { query: 'from_number=9902443540', finds: [], because: 'an end is not' },
  { query: 'from_number=1', finds: ['toChicago', 'fromExtension', 'forwardedLeg'] },
  {
    query: 'from_number=1001',
    finds: ['fromExtension'],
    because: 'numbers that are not international match as written',
  },
  { query: 'to_number=1%20(312)%20857-49', finds: ['toChicago', 'fromExtension', 'monthOld'] },
  { query: 'to_number=4930901820', finds: ['transit'] },
  { query: 'call_direction=inbound', finds: ['fromIndia', 'monthOld'] },
  { query: 'call_direction=outbound', finds: outbound, because: 'a call through us leaves by a trunk' },
  { query: 'hangup_cause_code=3010', finds: ['toChicago', 'fromExtension'] },
  { query: 'hangup_cause_code=0', finds: [] },
  { query: 'hangup_source=carrier', finds: ['fromIndia', 'forwardedLeg', 'monthOld'] },
  { query: 'hangup_source=customer', finds: ['toChicago', 'fromExtension'] },
  { query: 'hangup_source=zentrunk', finds: ['transit'] },
  { query: 'stir_verification=Verified', finds: ['toChicago'] },
  { query: 'stir_verification=Not%20Verified', finds: ['fromIndia', 'fromExtension', 'monthOld'] },
  { query: 'stir_verification=not+applicable', finds: ['transit', 'forwardedLeg'], because: 'case does not count' },
  { query: 'bill_duration=60', finds: ['fromIndia'], because: 'it is what was billed, not the 32 s talked' },
  { query: 'bill_duration=32', finds: [] },
  { query: 'bill_duration=70', finds: [] },
  { query: 'bill_duration=61', finds: ['fromExtension'], because: 'without a bill it is the seconds talked' },
  { query: 'bill_duration__gt=60', finds: ['toChicago', 'fromExtension'] },
  { query: 'bill_duration__gte=60', finds: ['fromIndia', 'toChicago', 'fromExtension'] },
  { query: 'bill_duration__lt=7', finds: ['transit', 'monthOld'] },
  { query: 'bill_duration__lte=7', finds: ['transit', 'forwardedLeg', 'monthOld'] },
  { query: 'bill_duration__gt=0&bill_duration__lt=61', finds: ['fromIndia', 'forwardedLeg'] },
  { query: 'end_time=2026-09-18%2008:52', finds: ['fromIndia', 'toChicago'], because: 'a minute is all of it' },
  { query: 'end_time=2026-09-18+08:52:26', finds: ['fromIndia'], because: 'a second is all of it' },
  { query: 'end_time=2026-09-18+08:52:26.250000', finds: ['fromIndia'] },
  { query: 'end_time=2026-09-18+08:52:26.250001', finds: [] },
  { query: 'end_time=2026-09-17', finds: ['transit', 'fromExtension'], because: 'a date is the day' },
  { query: 'end_time=2026-09-18T08:52:00Z', finds: ['toChicago'], because: 'RFC 3339 is read' },
  { query: 'end_time=2026-09-18T14:22:00%2B05:30', finds: ['toChicago'] },
  { query: 'end_time=2026-09-18T14:22:00+05:30', finds: ['toChicago'], because: 'an unencoded + arrives as a blank' },
  { query: 'end_time__gt=2026-09-18+08:52', finds: [], because: 'after the whole minute' },
  { query: 'end_time__gt=2026-09-18+08:52:00', finds: ['fromIndia'] },
  { query: 'end_time__gte=2026-09-18+08:52', finds: ['fromIndia', 'toChicago'] },
  { query: 'end_time__gte=2026-09-17&end_time__lt=2026-09-18', finds: ['transit', 'fromExtension'] },
  { query: 'end_time__gte=2026-09-17&end_time__lt=2026-09-17+23:59:59', finds: ['fromExtension'] },
  { query: 'end_time__gte=2026-09-17&end_time__lte=2026-09-17+23:59:59', finds: ['transit', 'fromExtension'] },
  { query: 'end_time__gt=2026-09-17&end_time__lte=2026-09-18+08:52:00', finds: ['toChicago'] },
  { query: 'end_time__gte=2026-09-19&end_time__lt=2026-09-17', finds: [], because: 'nothing is in between' },
  {
    query: 'end_time__gte=2020-01-01&from_number=919902443541',
    finds: ['monthOld', 'olderThanMonth'],
    because: 'ninety days can be searched',
  },
  { query: 'end_time=2026-06-21', finds: [], because: 'that is before the horizon' },
  { query: 'call_direction=outbound&hangup_source=carrier', finds: ['forwardedLeg'], because: 'all filters hold' },
  { query: 'limit=2', finds: ['fromIndia', 'toChicago'] },
  { query: 'limit=20&offset=4', finds: ['forwardedLeg', 'monthOld'] },
  { query: 'offset=6', finds: [] },
  { query: 'offset=1000000000000', finds: [] },
  { query: 'callback_url=http%3A%2F%2Fx&callback_method=POST&foo=1&foo=2&bar=', finds: SHOWN_BY_DEFAULT },
]

let server: PlivoServer
before(async () => {
  server = await PlivoServer.start({ now: NOON, store: 'sqlite' })
  await server.add(ALICE, ...CALL_REPORTS)
})
after(() => server.close())

for (const { face, list } of FACES) {
  describe(`the filters of ${face}`, () => {
    for (const { query, finds, because = '' } of FOUND) {
      it(`?${query} finds ${finds.join(', ') || 'nothing'}${because && `: ${because}`}`, async () => {
        const { status, body } = await server.ask(`${list}?${query}`)
        assert.equal(status, 200)
        assert.deepEqual(namesOf(body.objects), finds)
      })
    }

    it("shows nothing of another account's calls", async () => {
      const headers = basic(MALLORY, server.keys.mallory)
      const { body } = await server.ask(list.replace(ALICE, MALLORY), { headers })
      assert.deepEqual([body.meta.total_count, body.objects], [0, []])
    })
  })
}

describe('the filters that only plivo-legacy has', () => {
  // Five and a half hours ahead of UTC: the filter and the answer are both local.
  let indian: { accountId: string; headers: Record<string, string> }
  const ask = (query: string) =>
    server.ask(`/v1/Account/${indian.accountId}/Call/?${query}`, { headers: indian.headers })
  before(async () => {
    indian = server.addAccount({ timeZone: 'Asia/Kolkata' })
    await server.add(indian.accountId, ...CALL_REPORTS)
  })

  const cases: { query: string; finds: CallName[] }[] = [
    { query: 'initiation_time=2026-09-18+14:21:53', finds: ['fromIndia'] },
    { query: 'initiation_time=2026-09-18+08:51:53', finds: [] },
    { query: 'initiation_time=2026-09-18', finds: ['fromIndia', 'toChicago', 'transit'] },
    { query: 'initiation_time=2026-08-20+17:29:00', finds: ['monthOld', 'olderThanMonth'] },
    { query: 'end_time=2026-09-18+14:22', finds: ['fromIndia', 'toChicago'] },
    { query: 'trunk_id=trunk-out', finds: ['toChicago', 'transit', 'forwardedLeg'] },
    { query: 'trunk_id=trunk', finds: [] },
  ]
  for (const { query, finds } of cases) {
    it(`?${query} finds ${finds.join(', ') || 'nothing'}`, async () => {
      const { status, body } = await ask(query)
      assert.equal(status, 200)
      assert.deepEqual(namesOf(body.objects), finds)
    })
  }

  it('finds a call by the times it shows', async () => {
    const { body } = await ask('limit=1')
    const [shown = {}] = body.objects
    assert.equal(shown.initiation_time, '2026-09-18 14:21:53')
    const query = new URLSearchParams({
      initiation_time: String(shown.initiation_time),
      end_time: String(shown.end_time),
    })
    const again = await ask(String(query))
    assert.deepEqual(again.body.objects, [shown])
  })

  it('are no filters of plivo', async () => {
    const { body } = await server.ask(`/v1/Account/${ALICE}/Zentrunk/Call/?trunk_id=none&initiation_time=never`)
    assert.deepEqual(namesOf(body.objects), SHOWN_BY_DEFAULT)
  })
})

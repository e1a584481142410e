import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PARAMETERS } from '../src/dialect/plivo/query.ts'
import { PARAMETERS as LEGACY_PARAMETERS } from '../src/dialect/plivo-legacy/query.ts'
import { ALICE } from './support/directory-in-folder.ts'
import { CALL_REPORTS, NOON } from './support/plivo-calls.ts'
import { PlivoServer } from './support/plivo-server.ts'

const FACES = [
  { face: 'plivo', list: `/v1/Account/${ALICE}/Zentrunk/Call/`, parameters: PARAMETERS },
  { face: 'plivo-legacy', list: `/v1/Account/${ALICE}/Call/`, parameters: LEGACY_PARAMETERS },
]

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const SQL = "' OR 1=1; DROP TABLE calls; --"

/** Query strings and the parameter that the answer must name. */
const REFUSED: { query: string; field: string; because: string }[] = [
  { query: 'limit=0', field: 'limit', because: 'a page has a row' },
  { query: 'limit=-1', field: 'limit', because: 'it is negative' },
  { query: 'limit=21', field: 'limit', because: 'it is above the cap' },
  { query: 'limit=1000000000000000000000', field: 'limit', because: 'it is above the cap' },
  { query: 'limit=ten', field: 'limit', because: 'it has letters' },
  { query: 'limit=1.5', field: 'limit', because: 'it is not whole' },
  { query: 'limit=0x10', field: 'limit', because: 'it is not decimal' },
  { query: 'limit=1&limit=2', field: 'limit', because: 'it is given twice' },
  { query: 'limit', field: 'limit', because: 'it has no value' },
  { query: 'offset=-1', field: 'offset', because: 'it is negative' },
  { query: 'offset=x', field: 'offset', because: 'it has letters' },
  { query: 'offset=9007199254740992', field: 'offset', because: 'it is no safe integer' },
  { query: 'offset=99999999999999999999', field: 'offset', because: 'it is no safe integer' },
  { query: 'from_number=12a', field: 'from_number', because: 'it has letters' },
  { query: 'from_number=%2B', field: 'from_number', because: 'it has no digit' },
  { query: 'from_number=%zz', field: 'from_number', because: 'it cannot be decoded' },
  { query: `to_number=${'1'.repeat(257)}`, field: 'to_number', because: 'it is too long' },
  { query: 'to_number=%00', field: 'to_number', because: 'it is no number' },
  { query: 'to_number=1&to_number=1', field: 'to_number', because: 'it is given twice' },
  { query: 'call_direction=internal', field: 'call_direction', because: 'it is no direction here' },
  { query: 'call_direction=sideways', field: 'call_direction', because: 'it is no direction' },
  { query: 'hangup_cause_code=normal_hangup', field: 'hangup_cause_code', because: 'it is no integer' },
  { query: 'hangup_cause_code=-3000', field: 'hangup_cause_code', because: 'it is negative' },
  { query: 'hangup_source=platform', field: 'hangup_source', because: 'Plivo says zentrunk' },
  { query: 'stir_verification=A', field: 'stir_verification', because: 'it is no verification' },
  { query: 'bill_duration=-1', field: 'bill_duration', because: 'it is negative' },
  { query: 'bill_duration__gte=1m', field: 'bill_duration__gte', because: 'it has letters' },
  { query: 'end_time=yesterday', field: 'end_time', because: 'it is no time' },
  { query: 'end_time__gte=2026-02-30', field: 'end_time__gte', because: 'there is no such day' },
  { query: 'end_time__gte=2026-09-18+25:00', field: 'end_time__gte', because: 'there is no such hour' },
  { query: 'end_time__gte=1758153600', field: 'end_time__gte', because: 'an epoch figure is none of the forms' },
  { query: 'end_time__gte=9999-12-31', field: 'end_time__gte', because: 'it is out of range' },
  { query: 'end_time__lt=2026-09-18', field: 'end_time__lt', because: 'it is an upper bound alone' },
  { query: 'end_time__lte=2026-09-18', field: 'end_time__lte', because: 'it is an upper bound alone' },
  {
    query: 'end_time__gte=2026-06-19&end_time__lte=2026-09-18',
    field: 'end_time__lte',
    because: 'the range is 91 days',
  },
  {
    query: 'end_time__gt=2020-01-01&end_time__lt=2026-09-18',
    field: 'end_time__lt',
    because: 'the range is years',
  },
]

for (const { face, list, parameters } of FACES) {
  describe(`${face} and what it cannot read`, () => {
    let server: PlivoServer
    before(async () => {
      server = await PlivoServer.start({ now: NOON })
      await server.add(ALICE, ...CALL_REPORTS)
    })
    after(() => server.close())

    for (const { query, field, because } of REFUSED) {
      it(`refuses ?${query.slice(0, 60)}: ${because}`, async () => {
        const { status, body, headers } = await server.ask(`${list}?${query}`)
        assert.equal(status, 400)
        assert.deepEqual(Object.keys(body), ['api_id', 'error'])
        assert.match(body.api_id, UUID)
        assert.ok(body.error.startsWith(`${field}: `), body.error)
        assert.match(headers.get('content-type') ?? '', /^application\/json/)
      })
    }

    it('refuses every parameter without a value, by its name', async () => {
      for (const name of parameters) {
        for (const query of [`${name}=`, `${name}=%20`]) {
          const { status, body } = await server.ask(`${list}?${query}`)
          assert.deepEqual([status, body.error?.split(':')[0]], [400, name])
        }
      }
    })

    it('takes SQL in any parameter as text that is no value', async () => {
      for (const name of parameters) {
        const { status, body } = await server.ask(`${list}?${new URLSearchParams({ [name]: SQL })}`)
        if (name === 'trunk_id') assert.deepEqual([status, body.objects], [200, []])
        else assert.deepEqual([status, body.error?.split(':')[0]], [400, name])
      }
      const { body } = await server.ask(list)
      assert.equal(body.meta.total_count, 6)
    })

    it('lets a range be ninety days wide, of dates as of times', async () => {
      for (const query of [
        'end_time__gte=2026-06-21&end_time__lte=2026-09-19',
        'end_time__gt=2026-06-21+12:00:00&end_time__lt=2026-09-19+12:00:00',
      ]) {
        const { status, body } = await server.ask(`${list}?${query}`)
        assert.equal(status, 200)
        assert.equal(body.meta.total_count, 7)
      }
    })

    it('answers 404 to what is no call of the account, whatever it is', async () => {
      for (const callUuid of ['1', 'null', encodeURIComponent(SQL), '00000000-0000-4000-8000-999999999999', '%00']) {
        const { status, body } = await server.ask(`${list}${callUuid}/`)
        assert.deepEqual([status, Object.keys(body)], [404, ['api_id', 'error']])
      }
    })

    it('goes on answering after all that', async () => {
      assert.equal((await server.ask(list)).status, 200)
    })
  })
}

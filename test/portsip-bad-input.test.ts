import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { PortsipServer } from './support/portsip-server.ts'

const CALL = { source_id: 'a-call', started_at: '2024-08-20T06:00:00Z', ended_at: '2024-08-20T06:00:40Z' }

describe('bad input to the PortSIP dialect', () => {
  let server: PortsipServer
  before(async () => {
    server = await PortsipServer.start()
    await server.add(ALICE, CALL)
  })
  after(() => server.close())

  const answersOn = async () => assert.deepEqual((await server.list()).body.count, 1)

  const options: { given: Record<string, string>; field: string; reason: RegExp }[] = [
    { given: { filter: "colour eq 'red'" }, field: 'filter', reason: /^at character 1: colour is not a field/ },
    { given: { $filter: "duration eq 'abc'" }, field: 'filter', reason: /^at character 13: duration is a number/ },
    { given: { filter: "(caller eq '1'" }, field: 'filter', reason: /^at character 1: this \( is never closed/ },
    { given: { filter: "caller eq '1' trailing" }, field: 'filter', reason: /^at character 15: expected and, or/ },
    { given: { filter: "caller eq ''; DROP TABLE calls" }, field: 'filter', reason: /^at character 13: "; DROP/ },
    { given: { filter: "caller eq '\u0000'" }, field: 'filter', reason: /^has a character that no call can hold$/ },
    { given: { orderby: 'colour' }, field: 'orderby', reason: /^colour is not a field/ },
    { given: { orderby: 'user_data desc' }, field: 'orderby', reason: /^user_data cannot be sorted by/ },
    { given: { top: '0' }, field: 'top', reason: /^must be a whole number from 1 to 100$/ },
    { given: { top: '101' }, field: 'top', reason: /^must be a whole number from 1 to 100$/ },
    { given: { $top: '1.5' }, field: 'top', reason: /^must be a whole number/ },
    { given: { top: '' }, field: 'top', reason: /^must be a whole number/ },
    { given: { skip: '-1' }, field: 'skip', reason: /^must be a whole number, 0 or more$/ },
    { given: { skip: '9007199254740992' }, field: 'skip', reason: /^must be a whole number/ },
    { given: { count: 'perhaps' }, field: 'count', reason: /^must be true or false$/ },
    {
      given: { filter: 'duration eq 1', $filter: 'duration eq 1' },
      field: 'filter',
      reason: /^must be given only once$/,
    },
    { given: { search: 'x'.repeat(257) }, field: 'search', reason: /^must have at most 256 characters$/ },
  ]
  for (const { given, field, reason } of options)
    for (const path of ['/calllogs', '/cdrs'])
      it(`${path} refuses ${JSON.stringify(given).slice(0, 80)}, naming ${field}`, async () => {
        const { status, body } = await server.list(given, path)
        assert.equal(status, 400)
        const [error] = body.errors
        assert.deepEqual([error?.code, error?.message], ['VALIDATE_FAILED', 'field validation failed'])
        assert.equal(error?.detail?.field, field)
        assert.match(error?.detail?.reason ?? '', reason)
        await answersOn()
      })

  it('refuses an option that is given twice', async () => {
    const { status, body } = await server.ask('/calllogs?top=1&top=2')
    assert.deepEqual([status, body.errors[0]?.detail], [400, { field: 'top', reason: 'must be given only once' }])
  })

  it('refuses ten thousand parentheses, and as many as a filter may be long, and answers on', async () => {
    for (const [count, reason] of [
      [10_000, /^must have at most 8192 characters$/],
      [8_192, /^at character 51: is nested deeper than 50 levels$/],
    ] as const) {
      const { status, body } = await server.ask(`/calllogs?filter=${'('.repeat(count)}`)
      assert.equal(status, 400)
      assert.match(body.errors[0]?.detail?.reason ?? '', reason)
    }
    await answersOn()
  })

  it('answers a path that cannot be decoded, that nobody has, or that takes other methods', async () => {
    for (const path of ['/nothing', '/', '/calllogs/a/b', '/user/cdrs', '/login'])
      assert.deepEqual((await server.ask(path)).body.errors[0]?.code, 'NOT_FOUND', path)
    for (const path of ['/calllogs', '/calllogs/x', '/cdrs', '/cdrs/x'])
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const answer = await server.ask(path, { method, bearer: null })
        assert.deepEqual([answer.status, answer.body.errors[0]?.code], [405, 'METHOD_NOT_ALLOWED'])
        assert.equal(answer.headers.get('allow'), 'GET, HEAD')
      }
    const answer = await server.ask('/login/oauth/token')
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'])
    await answersOn()
  })

  const grants: { body: string; type?: string; status: number; field: string; because: string }[] = [
    { body: '', status: 400, field: 'grant_type', because: 'there is nothing' },
    { body: 'grant_type=implicit', status: 400, field: 'grant_type', because: 'that grant is not served' },
    { body: 'grant_type=password&password=x', status: 400, field: 'username', because: 'the account is not named' },
    { body: 'grant_type=password&username=x', status: 400, field: 'password', because: 'the key is missing' },
    { body: 'grant_type=refresh_token', status: 400, field: 'refresh_token', because: 'the token is missing' },
    { body: 'grant_type=password&grant_type=password', status: 400, field: 'grant_type', because: 'it is twice' },
    { body: 'x=%zz&%', status: 400, field: 'grant_type', because: 'it is no form' },
    { body: '{"grant_type":', type: 'application/json', status: 400, field: 'request', because: 'it is no JSON' },
    { body: '[1]', type: 'application/json', status: 400, field: 'grant_type', because: 'it is no object' },
    { body: 'null', type: 'application/json', status: 400, field: 'grant_type', because: 'it is null' },
    {
      body: '{"grant_type":["password"]}',
      type: 'application/json',
      status: 400,
      field: 'grant_type',
      because: 'a list',
    },
    { body: '<x/>', type: 'application/xml', status: 415, field: 'body', because: 'XML is not read' },
    { body: 'x'.repeat(20_000), status: 413, field: 'body', because: 'it is too large' },
  ]
  for (const { body, type = 'application/x-www-form-urlencoded', status, field, because } of grants)
    it(`refuses the grant "${body.slice(0, 40)}" with ${status}: ${because}`, async () => {
      const headers = { 'content-type': type }
      const answer = await fetch(`${server.origin}/api/login/oauth/token`, { method: 'POST', headers, body })
      assert.equal(answer.status, status)
      const { errors } = (await answer.json()) as { errors: { code: string; detail: { field: string } }[] }
      assert.deepEqual([errors[0]?.code, errors[0]?.detail.field], ['VALIDATE_FAILED', field])
      await answersOn()
    })

  it('reads a grant without a content type as none', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const sent = request(`${server.origin}/api/login/oauth/token`, { method: 'POST' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.end()
    assert.equal(await promise, 400)
    await answersOn()
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ALICE } from './support/directory-in-folder.ts'
import { CALL_REPORTS, callUuid, NOON, namesOf, SHOWN_BY_DEFAULT } from './support/plivo-calls.ts'
import { PlivoServer } from './support/plivo-server.ts'

const ACCOUNT = `/v1/Account/${ALICE}`
const CALL = callUuid('fromIndia')
const PATHS = [
  `${ACCOUNT}/Zentrunk/Call`,
  `${ACCOUNT}/Zentrunk/Call/${CALL}`,
  `${ACCOUNT}/Zentrunk/Call/${CALL}/Insights`,
  `${ACCOUNT}/Call`,
  `${ACCOUNT}/Call/${CALL}`,
]

const UNKNOWN = [
  '/v1/Account',
  '/v1/Account/',
  ACCOUNT,
  `${ACCOUNT}/`,
  `${ACCOUNT}/Zentrunk`,
  `${ACCOUNT}/Zentrunk/Trunk/`,
  `${ACCOUNT}/Zentrunk/call/`,
  `${ACCOUNT}/Zentrunk/Call/${CALL}/Recording/`,
  `${ACCOUNT}/Call/${CALL}/Insights/`,
  `${ACCOUNT}/Message/`,
  `/v1/Account/${'A'.repeat(500)}/Call/`,
  `${ACCOUNT}/Call/${'0'.repeat(500)}/`,
]

for (const ignoreTrailingSlash of [false, true]) {
  describe(`Plivo's voice, on a server that ${ignoreTrailingSlash ? 'drops' : 'keeps'} trailing slashes`, () => {
    let server: PlivoServer
    before(async () => {
      server = await PlivoServer.start({ now: NOON, routerOptions: { ignoreTrailingSlash } })
      await server.add(ALICE, ...CALL_REPORTS)
    })
    after(() => server.close())

    for (const path of PATHS) {
      const shown = path.replace(ACCOUNT, '')
      it(`${shown} answers with and without a slash at its end, to GET and HEAD alike`, async () => {
        for (const url of [path, `${path}/`]) {
          const got = await server.ask(url)
          const head = await server.ask(url, { method: 'HEAD' })
          assert.deepEqual([got.status, head.status, head.text], [200, 200, ''])
          for (const name of ['content-type', 'content-length', 'calltrail-searched'])
            assert.equal(head.headers.get(name), got.headers.get(name), name)
        }
      })

      it(`${shown} refuses every other method, whatever its body`, async () => {
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
          for (const url of [path, `${path}/`]) {
            const body = method === 'OPTIONS' || method === 'DELETE' ? null : '{"broken'
            const headers = body === null ? {} : { 'content-type': 'application/json' }
            const response = await fetch(server.origin + url, { method, headers, body })
            assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'], `${method} ${url}`)
            assert.deepEqual(Object.keys((await response.json()) as object), ['api_id', 'error'])
          }
        }
      })
    }

    it('answers 404 in its own form to any method on a path that neither dialect has', async () => {
      for (const path of UNKNOWN) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          const { status, body } = await server.ask(path, { method })
          assert.deepEqual([status, Object.keys(body)], [404, ['api_id', 'error']], `${method} ${path}`)
        }
        const head = await server.ask(path, { method: 'HEAD' })
        assert.deepEqual([head.status, head.text], [404, ''])
      }
    })

    it('leaves what is not under its prefix to the server', async () => {
      const { body } = await server.ask('/v2/Account/')
      assert.ok(!('api_id' in body))
    })
  })
}

describe('single calls over Plivo', () => {
  let server: PlivoServer
  before(async () => {
    server = await PlivoServer.start({ now: NOON })
    await server.add(ALICE, ...CALL_REPORTS)
  })
  after(() => server.close())

  it('are found by their id in any case, however old they are', async () => {
    for (const name of [...SHOWN_BY_DEFAULT, 'olderThanMonth', 'olderThanHorizon'] as const) {
      for (const base of ['Zentrunk/Call', 'Call']) {
        const { status, body } = await server.ask(`${ACCOUNT}/${base}/${callUuid(name).toUpperCase()}/`)
        assert.deepEqual([status, namesOf([body])], [200, [name]])
      }
    }
  })

  it('are none of the calls that the lists never show', async () => {
    for (const name of ['internal', 'agentLeg', 'live'] as const) {
      for (const path of PATHS.slice(1).filter((path) => path.includes(CALL))) {
        const { status, body } = await server.ask(path.replace(CALL, callUuid(name)))
        assert.deepEqual([status, Object.keys(body)], [404, ['api_id', 'error']])
      }
    }
  })

  it('carry no api_id, as Plivo sends them', async () => {
    const { body } = await server.ask(`${ACCOUNT}/Zentrunk/Call/${CALL}/`)
    assert.ok(!('api_id' in body))
  })

  it('have a new api_id in every other answer', async () => {
    for (const path of [PATHS[0], PATHS[2], PATHS[3], `${ACCOUNT}/Call/none/`]) {
      const first = await server.ask(String(path))
      const second = await server.ask(String(path))
      assert.notEqual(first.body.api_id, second.body.api_id)
    }
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KEY, RunningServer } from '../support/running-server.ts'

const PARENTHESES = encodeURIComponent('('.repeat(10_000)).replaceAll('(', '%28')

describe('a query as long as ten thousand encoded parentheses', () => {
  let server: RunningServer
  before(async () => {
    server = await RunningServer.start()
  })
  after(() => server.stop())

  const cases = [
    { path: '/api/calllogs?filter=', headers: { authorization: `Bearer ${KEY}` }, key: 'errors' },
    { path: '/api/v1/calls/?agentId=', headers: { 'access-token': KEY }, key: 'errors' },
    { path: '/calltrail/v1/calls?where=', headers: { authorization: `Bearer ${KEY}` }, key: 'error' },
  ]
  for (const { path, headers, key } of cases)
    it(`is refused at ${path} by the dialect itself, and the next request is answered`, async () => {
      const refused = await fetch(`${server.url}${path}${PARENTHESES}`, { headers: headers as never })
      assert.equal(refused.status, 400)
      assert.ok(key in ((await refused.json()) as object))
      const next = await fetch(`${server.url}${path.split('?')[0]}`, { headers: headers as never })
      assert.equal(next.status, 200)
    })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { RunningServer } from '../support/running-server.ts'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { tags?: string[]; summary?: string; responses: object }>>
}

describe('/openapi.json', () => {
  let server: RunningServer
  let document: Document
  before(async () => {
    server = await RunningServer.start()
    document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document
  })
  after(() => server.stop())

  it('is valid OpenAPI 3.1', async () => {
    assert.match(document.openapi, /^3\.1\./)
    const { valid, errors } = await new Validator().validate({ ...document })
    assert.ok(valid, JSON.stringify(errors, null, 1))
  })

  it('has every dialect, and each path has a summary, a dialect and answers', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const tags = new Set(operations.flatMap((operation) => operation.tags ?? []))
    assert.deepEqual([...tags].sort(), ['native', 'nectardesk', 'plivo', 'plivo-legacy', 'portsip'])
    for (const operation of operations) {
      assert.ok(operation.summary, JSON.stringify(operation).slice(0, 200))
      assert.ok(Object.keys(operation.responses).length > 0)
    }
  })

  it('can be browsed at /docs', async () => {
    const page = await fetch(`${server.url}/docs/`)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /swagger/i)
  })
})

import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

interface Examined {
  folder: string
  problems: number
  warnings: number
  findings: { check: string; level: string; what: string; todo: string | null }[]
}

describe('calltrail doctor', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  before(() => at.json(['import', '-'], { input: ndjsonCalls(100).join('\n') }))
  after(() => at.remove())

  it('finds a folder in order, alone and while it is being served', async () => {
    const alone = await at.json<Examined>(['doctor', '--full'])
    assert.deepEqual({ folder: alone.folder, problems: alone.problems }, { folder: at.data, problems: 0 })
    assert.equal(alone.findings[0]?.what, 'nobody serves the folder')

    const { url, server } = await at.serve()
    const { code, stdout } = await at.run(['doctor', '--full'])
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^ok +lock +served at ${url} by process ${server.child.pid}, Calltrail`))
    assert.match(stdout, /^0 problems, \d warnings$/m)
    await at.stop()
  })

  it('ends with 1 where there is a problem, and says what to do', async () => {
    truncateSync(join(at.data, 'raw', '000001.zlog'), 20)
    const { code, stdout } = await at.run(['doctor'])
    assert.equal(code, 1)
    assert.match(stdout, /^PROBLEM +raw log +.*\n +-> /m)
  })
})

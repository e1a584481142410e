import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type Cli, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

interface Summary {
  records: number
  stored: number
  duplicates: number
  resumed: { files: number; records: number }
  interrupted: boolean
}

/** A second of work and more, so that it is under way when it is interrupted. */
const CALLS = 30_000

/** Until the first records are on the disk. */
const underWay = (cli: Cli) => cli.said(/ % {2}[\d,]+ records/)

for (const { where, served } of [
  { where: 'alone', served: false },
  { where: 'on a folder that is being served', served: true },
])
  describe(`calltrail import, interrupted ${where}`, () => {
    const at = new CliFolder(FIRST_ACCOUNT)
    before(async () => {
      writeFileSync(at.file('calls.ndjson'), ndjsonCalls(CALLS).join('\n'))
      if (served) await at.serve()
    })
    after(() => at.remove())
    const stored = async (source: string) =>
      (await at.run(['export', `source=${source}`])).stdout.split('\n').length - 1

    it('stops on SIGINT with what it has on the disk, and goes on from there', async () => {
      const args = ['import', 'calls.ndjson', '--source', 'sigint']
      const first = at.start(args)
      await underWay(first)
      first.kill('SIGINT')
      const { code, stdout } = await first.ended
      assert.equal(code, 130)
      assert.match(stdout, /Interrupted: the same command goes on from here/)
      const records = Number(/^records +([\d,]+)/m.exec(stdout)?.[1]?.replaceAll(',', ''))
      assert.ok(records > 0 && records < CALLS, `${records}`)

      const second = await at.json<Summary>(args)
      assert.deepEqual(second.resumed, { files: 1, records })
      assert.deepEqual(
        { records: second.records, stored: second.stored },
        { records: CALLS - records, stored: CALLS - records },
      )
    })

    it('loses nothing and stores nothing twice when it is killed', async () => {
      const args = ['import', 'calls.ndjson', '--source', 'sigkill']
      const first = at.start(args)
      await underWay(first)
      first.kill('SIGKILL')
      await first.ended
      const second = await at.json<Summary>(args)
      assert.equal(second.resumed.records + second.records, CALLS)
      assert.equal(await stored('sigkill'), CALLS)
    })

    it('begins anew with --restart', async () => {
      const args = ['import', 'calls.ndjson', '--source', 'restart']
      const first = at.start(args)
      await underWay(first)
      first.kill('SIGTERM')
      assert.equal((await first.ended).code, 130)
      const second = await at.json<Summary>([...args, '--restart'])
      assert.equal(second.records, CALLS)
      assert.ok(second.duplicates > 0)
    })
  })

describe('calltrail import, when the server stops', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  after(() => at.remove())

  it('is interrupted, and goes on alone afterwards', async () => {
    writeFileSync(at.file('calls.ndjson'), ndjsonCalls(CALLS).join('\n'))
    await at.serve()
    const client = at.start(['import', 'calls.ndjson'])
    await underWay(client)
    const [server, { code }] = await Promise.all([at.stop(), client.ended])
    assert.equal(server?.code, 0)
    assert.equal(code, 130)
    const second = await at.json<Summary>(['import', 'calls.ndjson'])
    assert.equal(second.resumed.records + second.stored, CALLS)
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

const BIN = resolve(import.meta.dirname, '../../bin/calltrail.mjs')
const CALLS = 3000

for (const { where, served } of [
  { where: 'alone', served: false },
  { where: 'on a folder that is being served', served: true },
])
  describe(`calltrail export, ${where}`, () => {
    const at = new CliFolder(FIRST_ACCOUNT)
    before(async () => {
      await at.json(['import', '-'], { input: ndjsonCalls(CALLS).join('\n') })
      if (served) await at.serve()
    })
    after(() => at.remove())

    it('writes what can be imported again', async () => {
      const { code, stdout, stderr } = await at.run(['export', 'order=started_at'])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '3,000 calls\n' })
      const calls = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      assert.deepEqual(
        calls.map(({ source_id }) => source_id),
        Array.from({ length: CALLS }, (_, index) => `call-${index}`),
      )
      const again = await at.json(['import', '-'], { input: stdout })
      assert.deepEqual({ stored: again.stored, refused: again.refused }, { stored: 0, refused: 0 })
    })

    it('takes the filters of the native API', async () => {
      const filters = ['number=+1 (202) 555-0007', 'started_at__lt=2026-01-01T00:30:00Z']
      const { stdout } = await at.run(['export', ...filters])
      assert.equal(JSON.parse(stdout).from.number, '+12025550007')
      for (const [filter, why] of [
        ['shoe_size=44', /^calltrail: shoe_size: is not a parameter/],
        ['order=colour', /^calltrail: order: must be one of/],
        ['limit=5', /^calltrail: limit is no filter of an export/],
      ] as const) {
        const { code, stderr } = await at.run(['export', filter])
        assert.equal(code, 2, filter)
        assert.match(stderr, why)
      }
    })

    it('writes a file that appears when it is whole', async () => {
      const { code, stdout } = await at.run(['export', '--format', 'csv', '--out', 'calls.csv'])
      assert.deepEqual({ code, stdout }, { code: 0, stdout: '' })
      assert.equal(readFileSync(at.file('calls.csv'), 'utf8').split('\r\n').length, CALLS + 2)
      const refused = await at.run(['export', 'shoe_size=44', '--out', 'none.csv'])
      assert.equal(refused.code, 2)
      assert.ok(!existsSync(at.file('none.csv')))
      assert.deepEqual(
        readdirSync(at.path).filter((name) => name.includes('.part')),
        [],
      )
    })

    it('ends without a word when nobody reads on', async () => {
      const line = `${process.execPath} ${BIN} export --data ${at.data} | head -n 1; exit \${PIPESTATUS[0]}`
      const shell = spawn('bash', ['-c', line])
      let stderr = ''
      shell.stderr.on('data', (text) => {
        stderr += text
      })
      const code = await new Promise((resolve) => shell.on('close', resolve))
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })
  })

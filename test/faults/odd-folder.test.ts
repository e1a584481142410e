import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import { ServerProcess } from '../support/server-process.ts'
import { uuidOf } from '../support/varied-calls.ts'

const folder = mkdtempSync(join(tmpdir(), 'calltrail-odd-'))
after(() => rmSync(folder, { recursive: true }))

const CALL = { started_at: '2024-01-15T14:28:48Z', ended_at: '2024-01-15T14:32:00Z' }
const bodiesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => JSON.stringify({ call_uuid: uuidOf(first + at), ...CALL })).join('\n')

async function totalOf(server: ServerProcess): Promise<number> {
  return ((await (await server.ask('/calls?legs=all&limit=1')).json()) as { total: number }).total
}

/** What a server says that does not start on a folder. */
async function refusalOf(data: string): Promise<string> {
  try {
    const server = await ServerProcess.start(data)
    await server.end('SIGKILL')
  } catch (error) {
    return (error as Error).message
  }
  return assert.fail('it started')
}

describe('a folder of a newer Calltrail', () => {
  for (const file of ['meta.db', 'live.db', 'segments/000001.db'])
    it(`is refused for ${file}, which is named, and opens again when that is undone`, async () => {
      const data = join(folder, file.replace('/', '-'))
      const first = await ServerProcess.start(data)
      assert.equal((await first.send(bodiesFrom(1, 10))).status, 200)
      await first.end('SIGTERM')
      const versions: number[] = []
      const setVersion = (version: number) => {
        const db = new DatabaseSync(join(data, file))
        versions.push(Number(db.prepare('PRAGMA user_version').get()?.user_version))
        db.exec(`PRAGMA user_version = ${version}`)
        db.close()
      }
      setVersion(99)
      const said = await refusalOf(data)
      assert.match(said, /ended with 1 before/)
      assert.ok(said.includes(`${file} has schema 99`), said)
      setVersion(versions[0] ?? 0)
      const again = await ServerProcess.start(data)
      assert.equal(await totalOf(again), 10)
      await again.end('SIGTERM')
    })
})

describe('a folder that was copied while calls arrived', () => {
  it('either serves whole calls that were sent, or is refused, at the start or by an examination', async (t) => {
    const data = join(folder, 'served')
    const server = await ServerProcess.start(data)
    let sent = 0
    let isCopied = false
    const load = async () => {
      while (!isCopied) {
        const first = sent + 1
        sent += 50
        assert.equal((await server.send(bodiesFrom(first, 50))).status, 200)
      }
    }
    const copies = [1, 2, 3].map((n) => join(folder, `copy-${n}`))
    const copying = async () => {
      for (const copy of copies) {
        await server.send(bodiesFrom(1, 1)) // Between two copies the load goes on.
        spawnSync('cp', ['-r', data, copy])
      }
      isCopied = true
    }
    await Promise.all([load(), load(), copying()])
    await server.end('SIGTERM')
    for (const copy of copies) t.diagnostic(await outcomeOf(copy, { sent }))
  })

  it('is whole where nothing came meanwhile', async () => {
    const data = join(folder, 'idle')
    const server = await ServerProcess.start(data)
    assert.equal((await server.send(bodiesFrom(1, 500))).status, 200)
    const copy = join(folder, 'copy-of-idle')
    cpSync(data, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    await server.end('SIGTERM')
    assert.match(await outcomeOf(copy, { sent: 500 }), /^serves 500 calls/)
  })
})

/** What becomes of a copy: refused with a reason, found wrong by an examination, or serving nothing but whole calls. */
async function outcomeOf(copy: string, { sent }: { sent: number }): Promise<string> {
  let server: ServerProcess
  try {
    server = await ServerProcess.start(copy)
  } catch (error) {
    assert.match((error as Error).message, /ended with 1 before it listened: calltrail: .*copy/)
    return `refused: ${(error as Error).message}`
  }
  const total = await totalOf(server)
  await server.end('SIGTERM')
  const problems = [...examineFolder(copy, { full: true })].filter(
    ({ level, check }) => level === 'problem' && check !== 'disk',
  )
  if (problems.length > 0) return `found wrong: ${problems.map(({ what }) => what).join('; ')}`
  assert.ok(total <= sent)
  return `serves ${total} calls of ${sent}`
}

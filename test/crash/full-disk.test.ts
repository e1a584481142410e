import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ServerProcess } from '../support/server-process.ts'
import { uuidOf } from '../support/varied-calls.ts'

const folder = mkdtempSync(join(tmpdir(), 'calltrail-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { encoding: 'utf8' })
const skip = mounted.status === 0 ? false : `a small disk cannot be mounted here: ${mounted.stderr ?? mounted.error}`
if (skip !== false) console.log(`skipped: ${skip}`)

describe('a server whose disk is full', { skip }, () => {
  after(() => {
    spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })

  // Where live calls come in as well, the disk may be full between two commits, and the server stops.
  it('refuses calls and answers questions, takes calls again when there is room, and has lost none', async () => {
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(3_000_000))
    const server = await ServerProcess.start(join(folder, 'data'))
    let ordinal = 0
    let acknowledged = 0
    const send = async () => {
      const lines = Array.from({ length: 100 }, () => bodyOf(++ordinal))
      const answer = await server.send(lines.join('\n'))
      if (answer.status === 200) acknowledged += ((await answer.json()) as { stored: number }).stored
      return answer.status
    }
    const total = async () => {
      const answer = await server.ask('/calls?legs=all&limit=1')
      return ((await answer.json()) as { total: number }).total
    }
    try {
      let status = await send()
      for (let batch = 0; batch < 200 && status === 200; batch += 1) status = await send()
      assert.ok(status >= 500, `${status}`)
      assert.equal(await total(), acknowledged)
      assert.ok((await send()) >= 500)
      truncateSync(ballast, 0)
      assert.equal(await send(), 200)
      assert.equal(await total(), acknowledged)
    } finally {
      await server.end('SIGTERM')
    }
  })
})

const TIMES = { started_at: '2024-01-15T14:28:48Z', ended_at: '2024-01-15T14:32:00Z' }

function bodyOf(ordinal: number): string {
  const text = Array.from({ length: 20 }, () => Math.random().toString(36)).join('')
  const body = { call_uuid: uuidOf(ordinal), ...TIMES, user_data: text }
  return JSON.stringify(body)
}

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ServerProcess } from '../support/server-process.ts'
import { uuidOf } from '../support/varied-calls.ts'

const folder = mkdtempSync(join(tmpdir(), 'calltrail-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { encoding: 'utf8' })
const skip = mounted.status === 0 ? false : `a small disk cannot be mounted here: ${mounted.stderr ?? mounted.error}`
if (skip !== false) console.log(`skipped: ${skip}`)

describe('a server whose disk is full', { skip }, () => {
  after(() => {
    spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })

  it('refuses calls and answers questions, takes calls again when there is room, and has lost none', async () => {
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(30_000_000))
    const data = join(folder, 'data')
    let server = await ServerProcess.start(data)
    let ordinal = 0
    let acknowledged = 0
    const live: string[] = []
    const send = async () => {
      const lines = Array.from({ length: 100 }, () => bodyOf(++ordinal))
      const ends = live.splice(0, 30).map((callUuid) => JSON.stringify({ call_uuid: callUuid, ...END }))
      const answer = await server.send([...lines, ...ends].join('\n'))
      if (answer.status !== 200) return answer.status
      acknowledged += ((await answer.json()) as { stored: number }).stored
      for (let n = ordinal - 99; n <= ordinal; n += 1) if (isLive(n)) live.push(uuidOf(n))
      return 200
    }
    const fill = async () => {
      let status = 200
      for (let batch = 0; batch < 300 && status === 200; batch += 1) status = await send()
      assert.equal(status, 503)
    }
    const total = async () => {
      const answer = await server.ask('/calls?legs=all&limit=1')
      return ((await answer.json()) as { total: number }).total
    }
    try {
      await fill()
      assert.equal(await total(), acknowledged)
      assert.equal(await send(), 503)
      await server.end('SIGKILL')
      server = await ServerProcess.start(data) // What is left free is enough to start.
      assert.equal(await total(), acknowledged)
      await fill()
      truncateSync(ballast, 0)
      assert.equal(await send(), 200)
      assert.equal(await total(), acknowledged)
    } finally {
      await server.end('SIGTERM')
    }
  })
})

const isLive = (ordinal: number) => ordinal % 3 === 0
const END = { kind: 'end', ended_at: '2024-01-15T14:40:00Z' }
const TIMES = { started_at: '2024-01-15T14:28:48Z', ended_at: '2024-01-15T14:32:00Z' }

function bodyOf(ordinal: number): string {
  const text = Array.from({ length: 20 }, () => Math.random().toString(36)).join('')
  const { ended_at, ...start } = TIMES
  const times = isLive(ordinal) ? { ...start, kind: 'start' } : TIMES
  const body = { call_uuid: uuidOf(ordinal), ...times, user_data: text }
  return JSON.stringify(body)
}

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ServerProcess } from '../support/server-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'calltrail-read-only-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { encoding: 'utf8' })
const skip = mounted.status === 0 ? false : `nothing can be mounted here: ${mounted.stderr ?? mounted.error}`
if (skip !== false) console.log(`skipped: ${skip}`)

const remount = (how: 'ro' | 'rw') =>
  assert.equal(spawnSync('mount', ['-o', `remount,${how}`, folder]).status, 0, `cannot be mounted ${how}`)

describe('a folder that cannot be written', { skip }, () => {
  after(() => {
    spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })

  it('is refused with its name and the reason, and serves again when it can be written', async () => {
    const data = join(folder, 'data')
    const first = await ServerProcess.start(data)
    await first.end('SIGTERM')
    remount('ro')
    try {
      await assert.rejects(
        ServerProcess.start(data),
        ({ message }: Error) =>
          /ended with 1 before/.test(message) && message.includes(data) && /read-only/.test(message),
      )
    } finally {
      remount('rw')
    }
    const again = await ServerProcess.start(data)
    assert.equal((await again.ask('/calls')).status, 200)
    await again.end('SIGTERM')
  })
})

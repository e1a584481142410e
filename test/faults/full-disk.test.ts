import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from './faults.ts'
import { ServedCalls } from './served-calls.ts'

const why = whyNoFaults()
if (why !== null) console.log(`skipped: ${why}`)

const FILES = [
  { what: 'the raw log', files: 'raw/*' },
  { what: 'a segment', files: 'segments/*' },
  { what: 'every file', files: '*' },
]

describe('a server whose disk is full', { skip: why ?? false }, () => {
  for (const { what, files } of FILES)
    it(`for ${what} answers 503 with Retry-After, reads on, and takes calls again when there is room`, async () => {
      const calls = new ServedCalls()
      try {
        await calls.start()
        assert.equal(await calls.send(40), 200)
        calls.faults.set([{ verdict: 'ENOSPC', calls: ['write'], files }])
        for (let again = 0; again < 3; again += 1) {
          assert.equal(await calls.send(40), 503)
          assert.equal(calls.retryAfter, '10')
        }
        assert.ok(calls.faults.struck().length >= 3)
        assert.equal(await calls.check(), 40)
        calls.faults.set([])
        assert.equal(await calls.sendAgain(), 200)
        assert.equal(await calls.check(), 160)
        assert.deepEqual(calls.problems(), [])
      } finally {
        await calls.remove()
      }
    })

  it('before its first call has given out no id that it could not write down', async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      calls.faults.set([{ verdict: 'ENOSPC', calls: ['write'], files: 'meta.db-wal' }])
      assert.equal(await calls.send(5), 503)
      calls.faults.set([])
      assert.equal(await calls.sendAgain(), 200)
      assert.deepEqual(calls.problems(), [])
      await calls.server.end('SIGKILL')
      await calls.start()
      assert.equal(await calls.send(5), 200)
      assert.equal(await calls.check(), 10)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('for the quarantine answers 503, and keeps what it had to refuse once there is room', async () => {
    const calls = new ServedCalls()
    const bad = '{"call_uuid": "no uuid"}'
    try {
      await calls.start()
      calls.faults.set([{ verdict: 'ENOSPC', calls: ['write'], files: 'meta.db-wal' }])
      assert.equal((await calls.server.send(bad)).status, 503)
      calls.faults.set([])
      assert.equal((await calls.server.send(bad)).status, 200)
      const kept = (await (await calls.server.ask('/quarantine')).json()) as { total: number }
      assert.equal(kept.total, 1)
    } finally {
      await calls.remove()
    }
  })

  it('between the two commits of a group stops, and the next start has lost nothing and has no call twice', async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(40, { live: true }), 200)
      calls.faults.set([{ verdict: 'ENOSPC', calls: ['write'], files: 'live.db-wal' }])
      assert.notEqual(await calls.send(20, { live: true, ends: true }), 200)
      assert.equal(await calls.server.exited, 1)
      calls.faults.set([])
      await calls.start()
      await calls.check()
      assert.equal(await calls.sendAgain(), 200)
      assert.equal(await calls.check(), 60)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })
})

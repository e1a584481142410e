import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from './faults.ts'
import { ServedCalls } from './served-calls.ts'

const why = whyNoFaults()
if (why !== null) console.log(`skipped: ${why}`)

describe('a server whose disk fails', { skip: why ?? false }, () => {
  it('to write the raw log refuses the calls with 503, and goes on when it can write again', async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(40), 200)
      calls.faults.set([{ verdict: 'EIO', calls: ['write'], files: 'raw/*' }])
      assert.equal(await calls.send(40), 503)
      calls.faults.set([])
      assert.equal(await calls.sendAgain(), 200)
      assert.equal(await calls.check(), 80)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('to write half a block of the raw log, and to cut it off, points to no wrong place afterwards', async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(40), 200)
      calls.faults.set([
        { verdict: 'short', calls: ['write'], files: 'raw/*', times: 1 },
        // The first of them is behind what was written: the system's library says how much that was, and not the error.
        { verdict: 'EIO', calls: ['write'], files: 'raw/*', times: 2 },
        { verdict: 'EIO', calls: ['truncate'], files: 'raw/*', times: 2 },
      ])
      assert.equal(await calls.send(40), 503)
      assert.equal(await calls.sendAgain(), 503)
      assert.equal(await calls.sendAgain(), 200)
      assert.equal(calls.faults.struck().length, 5)
      assert.equal(await calls.check(), 80)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it("to write a segment's WAL stops, and the next start has lost nothing", async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(40, { live: true }), 200)
      calls.faults.set([{ verdict: 'EIO', calls: ['write'], files: 'segments/*.db-wal' }])
      assert.notEqual(await calls.send(40, { live: true, ends: true }), 200)
      assert.equal(await calls.server.exited, 1)
      calls.faults.set([])
      await calls.start()
      await calls.check()
      assert.equal(await calls.sendAgain(), 200)
      assert.equal(await calls.check(), 80)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('to read a segment answers 500, and goes on when it can read again', async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(400), 200)
      await calls.server.end('SIGTERM')
      await calls.start()
      calls.faults.set([{ verdict: 'EIO', calls: ['read'], files: 'segments/*' }])
      const page = await calls.server.ask('/calls?legs=all&limit=1000')
      assert.equal(page.status, 500)
      assert.ok(calls.faults.struck().length > 0)
      calls.faults.set([])
      assert.equal(await calls.check(), 400)
      assert.equal(await calls.send(40), 200)
      assert.equal(await calls.check(), 440)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  it('to read or write more than half at a time neither loses nor refuses anything', async () => {
    const calls = new ServedCalls()
    const short = { verdict: 'short', calls: ['read', 'write'], files: '*' } as const
    try {
      calls.faults.set([short])
      await calls.start()
      assert.equal(await calls.send(400, { live: true }), 200)
      assert.equal(await calls.send(40, { ends: true }), 200)
      await calls.server.end('SIGKILL')
      calls.faults.set([short])
      await calls.start()
      assert.equal(await calls.check(), 440)
      assert.ok(calls.faults.struck().length > 100)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })
})

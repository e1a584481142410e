import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from './faults.ts'
import { ServedCalls } from './served-calls.ts'

/** Segments roll and merge at some hundred calls. */
const SMALL_SEGMENTS = { NODE_OPTIONS: `--import=${new URL('../crash/small-segments.ts', import.meta.url)}` }

const why = whyNoFaults()
if (why !== null) console.log(`skipped: ${why}`)

const files = [
  { what: 'the raw log', files: 'raw/*.zlog' },
  { what: "a segment's WAL", files: 'segments/*.db-wal' },
  { what: "the live calls' WAL", files: 'live.db-wal' },
]

describe('a server whose disk fails to sync', { skip: why ?? false }, () => {
  for (const { what, files: pattern } of files)
    it(`stops at the first error, of ${what}, acknowledges nothing of the group, and has lost nothing`, async () => {
      const calls = new ServedCalls()
      try {
        await calls.start()
        assert.equal(await calls.send(40, { live: true }), 200)
        calls.faults.set([{ verdict: 'EIO', calls: ['sync'], files: pattern, times: 1 }])
        assert.ok((await calls.send(40, { live: true, ends: true })) !== 200)
        assert.equal(await calls.server.exited, 1)
        assert.match(calls.server.said, /the store failed, and the server stops/)
        assert.equal(calls.faults.struck().length, 1)
        calls.faults.set([])
        await calls.start()
        const found = await calls.check()
        assert.ok(found >= 40 && found <= 80, `${found}`)
        assert.equal(await calls.sendAgain(), 200)
        assert.equal(await calls.check(), 80)
        assert.deepEqual(calls.problems(), [])
      } finally {
        await calls.remove()
      }
    })

  it("stops where it is meta.db's, and what was asked for is there whole or not at all", async () => {
    const calls = new ServedCalls()
    try {
      await calls.start()
      assert.equal(await calls.send(40, { live: true }), 200)
      calls.faults.set([{ verdict: 'EIO', calls: ['sync'], files: 'meta.db-wal', times: 1 }])
      const body = JSON.stringify({ name: 'another', scopes: ['read'] })
      const headers = { 'content-type': 'application/json' }
      const made = await calls.server.ask('/keys', { method: 'POST', headers, body }).catch(() => null)
      assert.notEqual(made?.status, 201)
      assert.equal(await calls.server.exited, 1)
      assert.match(calls.server.said, /the store failed, and the server stops/)
      calls.faults.set([])
      await calls.start()
      assert.equal(await calls.check(), 40)
      const { keys } = (await (await calls.server.ask('/keys')).json()) as { keys: unknown[] }
      assert.ok(keys.length === 1 || keys.length === 2, `${keys.length}`)
      assert.deepEqual(calls.problems(), [])
    } finally {
      await calls.remove()
    }
  })

  for (const { what, files: pattern } of [
    { what: 'the folder of the segments', files: 'segments' },
    { what: 'a segment that is checkpointed or written anew', files: 'segments/*.db' },
  ])
    it(`stops where it is of ${what}, and has lost nothing`, async () => {
      const calls = new ServedCalls()
      try {
        await calls.start(SMALL_SEGMENTS)
        assert.equal(await calls.send(100), 200)
        // For ever: SQLite itself does not mind where a folder cannot be synced.
        calls.faults.set([{ verdict: 'EIO', calls: ['sync'], files: pattern }])
        let status = 200
        for (let batch = 0; batch < 60 && status === 200; batch += 1) status = await calls.send(100)
        assert.equal(status, 0)
        assert.equal(await calls.server.exited, 1)
        calls.faults.set([])
        await calls.start(SMALL_SEGMENTS)
        await calls.check()
        assert.equal(await calls.sendAgain(), 200)
        await calls.check()
        assert.deepEqual(calls.problems(), [])
      } finally {
        await calls.remove()
      }
    })
})

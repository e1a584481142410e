import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoFaults } from './faults.ts'
import { ServedCalls } from './served-calls.ts'

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
})

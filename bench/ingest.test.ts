import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sentLoads } from './ingest.ts'

describe('the loads that are sent', () => {
  it('are all, unless some are asked for', () => {
    assert.deepEqual(sentLoads(4, null), [0, 1, 2, 3])
  })

  it('are spread evenly, the last among them', () => {
    assert.deepEqual(sentLoads(200, 4), [49, 99, 149, 199])
  })

  it('are no more than there are', () => {
    assert.deepEqual(sentLoads(2, 10), [0, 1])
  })
})

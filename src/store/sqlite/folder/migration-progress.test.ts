import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MigrationProgress } from './migration-progress.ts'

it('a migration is told of at first, every three seconds, and at the end', () => {
  let nowMs = 1000
  const told: number[] = []
  const progress = new MigrationProgress(
    { files: 2, calls: 5000 },
    ({ done }) => told.push(done),
    () => nowMs,
  )
  for (const passedMs of [2999, 1, 2000, 1000]) {
    nowMs += passedMs
    progress.add(1000)
  }
  assert.deepEqual(told, [0, 2000, 4000])
  progress.finish()
  assert.deepEqual(told, [0, 2000, 4000, 5000])
})

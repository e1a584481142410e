import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FileRecord } from '../../ingest/file/read-call-file.ts'
import { BEGINNING, FileWork } from './file-work.ts'
import type { FileProgress } from './import-journal.ts'

const FILE = { path: '/calls.ndjson', bytes: 100, changedAtUs: 1 }
const begun = (): FileProgress => ({ file: FILE, target: 'fs', next: BEGINNING, records: 0, done: false })

/** A record of ten bytes, the `line`th of its file. */
const record = (line: number): FileRecord => ({
  kind: 'record',
  line,
  raw: '{}',
  reading: { native: {} },
  next: { offset: line * 10, line: line + 1 },
  fileBytes: 100,
})

describe('FileWork', () => {
  it('has come as far as the last record that is settled', () => {
    const progress = begun()
    const work = new FileWork(progress)
    const [first] = [work.give(record(1), true), work.give(record(2), true)]
    assert.deepEqual(progress, begun())
    work.settle(first)
    assert.deepEqual(progress, { ...begun(), next: { offset: 10, line: 2 }, records: 1 })
  })

  it('is done when the file has ended and every record is settled', () => {
    const progress = begun()
    const work = new FileWork(progress)
    const next = work.give(record(1), true)
    work.end()
    assert.equal(progress.done, false)
    work.settle(next)
    assert.equal(progress.done, true)
  })

  it('goes on from the beginning once a record had no id', () => {
    const progress = begun()
    const work = new FileWork(progress)
    for (const [line, hasId] of [
      [1, true],
      [2, false],
      [3, true],
    ] as const)
      work.settle(work.give(record(line), hasId))
    assert.deepEqual(progress.next, BEGINNING)
  })

  it('counts on where an earlier import was interrupted', () => {
    const progress = { ...begun(), next: { offset: 10, line: 2 }, records: 1 }
    const work = new FileWork(progress)
    work.settle(work.give(record(2), true))
    work.end()
    assert.deepEqual(progress, { ...begun(), next: { offset: 20, line: 3 }, records: 2, done: true })
  })
})

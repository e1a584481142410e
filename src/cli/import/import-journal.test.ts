import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type FileProgress, ImportJournal } from './import-journal.ts'

const FILE = { path: '/calls.ndjson', bytes: 100, changedAtUs: 1_700_000_000_000_000 }
const HALF: FileProgress = { file: FILE, target: 'fs', next: { offset: 50, line: 6 }, records: 5, done: false }

describe('ImportJournal', () => {
  let folder = ''
  let journal: ImportJournal
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-journal-'))
    journal = new ImportJournal(folder)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true })
  })

  it('knows how far a file has come, after it was opened again too', () => {
    journal.write([{ ...HALF, records: 1 }])
    journal.write([HALF])
    journal.close()
    journal = new ImportJournal(folder)
    assert.deepEqual(journal.find(FILE, 'fs'), HALF)
  })

  for (const { file, target, because } of [
    { file: { ...FILE, bytes: 101 }, target: 'fs', because: 'has another size' },
    { file: { ...FILE, changedAtUs: 1 }, target: 'fs', because: 'was changed since' },
    { file: { ...FILE, path: '/other.ndjson' }, target: 'fs', because: 'is another one' },
    { file: FILE, target: 'other', because: 'goes elsewhere' },
  ])
    it(`does not know a file that ${because}`, () => {
      journal.write([HALF])
      assert.equal(journal.find(file, target), null)
    })

  it('forgets the files of an import that has ended, and no others', () => {
    const other = { ...HALF, target: 'other' }
    journal.write([HALF, other])
    journal.forget([HALF])
    assert.equal(journal.find(FILE, 'fs'), null)
    assert.deepEqual(journal.find(FILE, 'other'), other)
  })
})

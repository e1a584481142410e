import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aBody, aLiveBody, anAccount, type Body, reportOf } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { derive } from '../../../ingest/derive.ts'
import { ROW_COLUMNS } from '../row/row-columns.ts'
import { Moves } from '../segments/moves.ts'
import { CallWriter } from '../writing/call-writer.ts'
import { CallReader } from './call-reader.ts'
import { ReadFile } from './read-files.ts'

const SEQ = ROW_COLUMNS.indexOf('seq')
const ENDED = '00000000-0000-4000-8000-000000000002'

describe('a page of changes that is read while the writer goes on', () => {
  let folder: string
  let writer: CallWriter
  let moves: Moves
  let reader: CallReader
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-'))
    const shared = Moves.share()
    moves = new Moves(shared)
    writer = new CallWriter({ folder, derive, settingsOf: () => anAccount().settings, moves })
    store(aBody())
    reader = new CallReader({ folder, moves: new Moves(shared) })
  })
  afterEach(() => {
    reader.close()
    writer.close()
    rmSync(folder, { recursive: true })
  })

  function store(body: Body): void {
    writer.write([{ reports: [reportOf(body)] }])
    moves.commit(writer.lastChange)
  }

  /** What the page holds when this happens between the snapshots of the first file and the second. */
  function changesWhile(after: number, happens: () => void): number[] {
    const { begin } = ReadFile.prototype
    let begun = 0
    ReadFile.prototype.begin = function () {
      begun += 1
      if (begun === 2) happens()
      begin.call(this)
    }
    try {
      const seqs = seqsAfter(after)
      assert.ok(begun >= 2, 'one file alone was read')
      return seqs
    } finally {
      ReadFile.prototype.begin = begin
    }
  }

  function seqsAfter(after: number): number[] {
    return reader.changes({ accountId: ALICE, after, limit: 100 }).map((row) => Number(row[SEQ]))
  }

  it('never has a change of one file without an earlier one of another', () => {
    const after = reader.lastChange(ALICE)
    const page = changesWhile(after, () => {
      store(aLiveBody({ call_uuid: '00000000-0000-4000-8000-000000000001' }))
      store(aBody({ call_uuid: ENDED }))
    })
    const all = seqsAfter(after)
    assert.equal(all.length, 2)
    assert.deepEqual([...page, ...seqsAfter(page.at(-1) ?? after)], all)
  })
})

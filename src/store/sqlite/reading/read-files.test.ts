import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport } from '../../../../test/support/a-report.ts'
import { SegmentRig } from '../../../../test/support/segment-rig.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { uuidToBytes } from '../../../record/identity.ts'
import { folderPaths, openForReading } from '../folder/folder.ts'
import { Moves } from '../segments/moves.ts'
import { type ReadFile, ReadFiles } from './read-files.ts'

const BEGIN_MS = Date.UTC(2024, 0, 1)
const startOf = (n: number) => new Date(BEGIN_MS + n * 60_000).toISOString()
const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => {
    const ended_at = startOf(from + n + 1)
    return aReport({ call_uuid: uuidOf(from + n), started_at: startOf(from + n), answered_at: null, ended_at })
  })

describe('the files of a reader', () => {
  let rig: SegmentRig
  let meta: DatabaseSync
  let files: ReadFiles
  beforeEach(() => {
    rig = new SegmentRig({ openCalls: 10, fullCalls: 80, mergeYoung: 3, overallFrom: 3 })
    rig.write(calls(0, 11))
    meta = openForReading(folderPaths(rig.folder).meta, 100)
    files = new ReadFiles({ folder: rig.folder, meta, moves: new Moves(rig.shared) })
  })
  afterEach(() => {
    files.close()
    meta.close()
    rig.remove()
  })

  const nosOf = (all: readonly { no: number }[]) => all.map(({ no }) => no)
  const counted = () =>
    files.consistently(
      () => files.all(),
      (all) => all.reduce((sum, file) => sum + Number(file.rows('SELECT count(*) FROM calls', [])[0]?.[0]), 0),
    )

  it('follow the range map as segments roll and are merged', async () => {
    assert.equal(counted(), 11)
    rig.write(calls(11, 11))
    rig.write(calls(22, 12))
    assert.equal(counted(), 34)
    assert.deepEqual(nosOf(files.all()), [0, 1, 2, 3, 4])
    await rig.maintenance.run()
    assert.equal(counted(), 34)
    assert.deepEqual(nosOf(files.all()), [0, 5, 4])
  })

  it('are only those of the range of starts asked for', () => {
    rig.write(calls(11, 11))
    files.refresh()
    const us = (minute: number) => (BEGIN_MS + minute * 60_000) * 1000
    assert.deepEqual(nosOf(files.inRange(0, us(1))), [1])
    assert.deepEqual(nosOf(files.inRange(us(10), us(11))), [1, 2])
    assert.deepEqual(nosOf(files.inRange(us(12), us(13))), [2])
    assert.deepEqual(nosOf(files.inRange(us(12), us(90))), [2, 3])
    assert.deepEqual(nosOf(files.inRange(us(12), us(12))), [])
  })

  it('are only those that may hold a UUID or an id, once the filters are told', () => {
    rig.write(calls(11, 11))
    files.refresh()
    const uuid = uuidToBytes(uuidOf(12))
    assert.deepEqual(nosOf(files.holding(uuid)), [0, 1, 2, 3])
    files.learn(rig.filters)
    assert.deepEqual(nosOf(files.holding(uuid)), [0, 2])
    assert.deepEqual(nosOf(files.holdingId(12)), [0, 2])
    assert.deepEqual(nosOf(files.holding(uuidToBytes(uuidOf(999)))), [0])
  })

  it('are read on by who has a snapshot when their segments are gone', async () => {
    rig.write([...calls(11, 11), ...calls(22, 1)])
    rig.write(calls(23, 11))
    const held = files.snapshot(() => files.all())
    await rig.maintenance.run()
    assert.ok(rig.done.some(({ kind }) => kind === 'merge'))
    rig.write(calls(100, 3))
    const count = () => held.reduce((sum, file) => sum + Number(file.rows('SELECT count(*) FROM calls', [])[0]?.[0]), 0)
    assert.equal(count(), 34)
    files.release(held)
    assert.equal(counted(), 37)
  })

  it('are looked for again when one that was not open yet has gone with its segment', async () => {
    rig.write(calls(11, 11))
    rig.write(calls(22, 12))
    files.refresh()
    await rig.maintenance.run() // merges segments that this reader never opened
    const uuid = uuidToBytes(uuidOf(3))
    const found = files.seek(
      () => files.holding(uuid),
      (file) => file.rows('SELECT id FROM calls WHERE uuid = ?', [uuid])[0] ?? null,
    )
    assert.equal(found?.[0], 4)
  })

  const idOf = (n: number) => (file: ReadFile) =>
    file.rows('SELECT id FROM calls WHERE uuid = ?', [uuidToBytes(uuidOf(n))])[0]?.[0] ?? null
  const filesOf = (n: number) => () => files.holding(uuidToBytes(uuidOf(n)))

  it('are looked into for a call that ends and leaves live.db while it is looked for', () => {
    rig.write([aLiveReport({ call_uuid: uuidOf(50), started_at: startOf(50) })])
    files.learn(rig.filters)
    const id = files.seek(filesOf(50), idOf(50))
    assert.notEqual(id, null)
    const looked: number[] = []
    const found = files.seek(filesOf(50), (file) => {
      if (file.no === 0) rig.write(calls(50, 1))
      looked.push(file.no)
      return idOf(50)(file)
    })
    assert.equal(found, id)
    assert.deepEqual(looked, [0, 2])
  })

  it('are looked into once for a call that has ended', () => {
    files.learn(rig.filters)
    const looked: number[] = []
    files.seek(filesOf(3), (file) => {
      looked.push(file.no)
      return idOf(3)(file)
    })
    assert.deepEqual(looked, [1])
  })
})

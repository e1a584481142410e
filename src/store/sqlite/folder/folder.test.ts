import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  FolderLockedError,
  folderPaths,
  lockFolder,
  makeFolder,
  NewerSchemaError,
  openForReading,
  openSegment,
  prepareFolder,
  readingMeta,
} from './folder.ts'

describe('a data folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-folder-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made with those above it, and refused at once where the kernel takes no folder', () => {
    const deep = join(folder, 'a', 'b')
    makeFolder(deep)
    makeFolder(deep)
    assert.ok(statSync(deep).isDirectory())
    assert.throws(() => makeFolder('/proc/calltrail/data'), { code: 'ENOENT' })
  })

  it('is made with one segment for all time, and found as it was', () => {
    const made = prepareFolder(folder)
    assert.deepEqual(made, [
      { no: 1, fromUs: 0, beforeUs: Number.MAX_SAFE_INTEGER, path: join(folder, 'segments', '000001.db'), life: 0 },
    ])
    assert.deepEqual(prepareFolder(folder), made)
  })

  it('keeps to what meta.db says of its ranges', () => {
    prepareFolder(folder)
    const meta = new DatabaseSync(folderPaths(folder).meta)
    meta.exec(
      `UPDATE segments SET before_us = 1000; INSERT INTO segments VALUES (7, 1000, 9007199254740991, '7.db', 0)`,
    )
    meta.close()
    assert.deepEqual(
      prepareFolder(folder).map(({ no, fromUs, beforeUs }) => [no, fromUs, beforeUs]),
      [
        [1, 0, 1000],
        [7, 1000, 9_007_199_254_740_991],
      ],
    )
  })

  for (const name of ['meta', 'live'] as const)
    it(`is refused when a newer Calltrail wrote its ${name}.db`, () => {
      prepareFolder(folder)
      const db = new DatabaseSync(folderPaths(folder)[name])
      db.exec('PRAGMA user_version = 99')
      db.close()
      assert.throws(() => prepareFolder(folder), NewerSchemaError)
    })

  it('writes nothing for who reads', () => {
    prepareFolder(folder)
    const db = openForReading(folderPaths(folder).live, 100)
    assert.throws(() => db.exec('DELETE FROM calls'), /readonly/)
    db.close()
  })

  it('gives no file of a segment that has left the range map, and tells of one that is missing', () => {
    const path = prepareFolder(folder)[0]?.path as string
    const open = () => readingMeta(folder, (meta) => openSegment(path, { meta, folder, cacheKib: 100 }))
    open()?.close()
    rmSync(path)
    assert.throws(open, /unable to open database file/)
    const meta = new DatabaseSync(folderPaths(folder).meta)
    meta.exec(`UPDATE segments SET no = 2, file = '000002.db'`)
    meta.close()
    assert.equal(open(), null)
  })

  it('is held by one at a time, in this process and in others', async () => {
    const lock = lockFolder(folder)
    assert.throws(() => lockFolder(folder), FolderLockedError)
    assert.equal(await lockInChild(folder), 'FolderLockedError')
    lock.release()
    assert.equal(await lockInChild(folder), 'held')
    lockFolder(folder).release()
  })

  it('is free again when the process that held it was killed', async () => {
    const child = holdInChild(folder)
    await once(child.stdout, 'data')
    assert.throws(() => lockFolder(folder), FolderLockedError)
    child.kill('SIGKILL')
    await once(child, 'exit')
    lockFolder(folder).release()
  })
})

const SCRIPT = `
  const { lockFolder } = await import(${JSON.stringify(new URL('./folder.ts', import.meta.url).href)})
  try { lockFolder(process.argv[1]); console.log('held') } catch (error) { console.log(error.constructor.name) }`

function holdInChild(folder: string, after = 'setInterval(() => {}, 1000)') {
  const args = ['--input-type=module', '--eval', `${SCRIPT};${after}`, folder]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function lockInChild(folder: string): Promise<string> {
  const child = holdInChild(folder, '')
  const [said] = await once(child.stdout, 'data')
  await once(child, 'close')
  return String(said).trim()
}

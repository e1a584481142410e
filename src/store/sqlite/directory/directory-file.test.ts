import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ALICE, DirectoryInFolder } from '../../../../test/support/directory-in-folder.ts'
import { NewerDirectoryError } from './directory-file.ts'

describe("a directory's file", () => {
  let at: DirectoryInFolder
  beforeEach(() => {
    at = new DirectoryInFolder()
  })
  afterEach(() => at.remove())
  it('is refused when a newer version wrote it, and left as it is', () => {
    at.addAccount(ALICE)
    at.directory.close()
    const db = new DatabaseSync(at.path)
    db.exec(`UPDATE directory_meta SET value = 99 WHERE name = 'schema_version'`)
    db.close()
    assert.throws(
      () => at.open(),
      (error: unknown) => error instanceof NewerDirectoryError && /version 99/.test(error.message),
    )
  })

  it("is shared with other tables: they stay, and the file's user_version too", () => {
    const db = new DatabaseSync(at.path)
    db.exec('CREATE TABLE segments (no INTEGER); INSERT INTO segments VALUES (1); PRAGMA user_version = 7')
    at.reopen()
    assert.deepEqual({ ...db.prepare('SELECT no FROM segments').get() }, { no: 1 })
    assert.deepEqual({ ...db.prepare('PRAGMA user_version').get() }, { user_version: 7 })
    db.close()
  })

  it('waits for another writer of the file instead of failing', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const worker = new Worker(
      `const { DatabaseSync } = require('node:sqlite')
       const { parentPort, workerData } = require('node:worker_threads')
       const db = new DatabaseSync(workerData)
       db.exec('BEGIN IMMEDIATE; CREATE TABLE other (n INTEGER)')
       parentPort.postMessage('begun')
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
       db.exec('COMMIT')
       db.close()`,
      { eval: true, workerData: at.path },
    )
    worker.once('message', () => resolve())
    await begun
    at.addAccount(ALICE)
    await new Promise((done) => worker.once('exit', done))
    at.reopen()
    assert.notEqual(at.directory.account(ALICE), null)
  })

  it('closes twice without harm', () => {
    at.directory.close()
    at.directory.close()
  })
})

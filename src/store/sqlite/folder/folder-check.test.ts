import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { lockFolder, prepareFolder } from './folder.ts'

/** Root may write everywhere, and so becomes nobody for the time. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
/** Nobody may be kept from these files too. */
const CANNOT =
  spawnSync(process.execPath, ['--eval', `require('fs').accessSync(${JSON.stringify(import.meta.filename)})`], NOBODY)
    .status === 0
    ? false
    : 'another user cannot read this repository'
const source = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href)

/** What a process without the right to write says of a folder. */
function said(script: string, folder: string): string {
  const args = ['--input-type=module', '--eval', script, folder]
  const { stdout, stderr } = spawnSync(process.execPath, args, { ...NOBODY, encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout
}

const LOCK = `
  const { lockFolder } = await import(${source('folder.ts')})
  try { lockFolder(process.argv[1]); console.log('held') } catch (error) { console.log(error.constructor.name, error.message) }`

const EXAMINE = `
  const { examineFolder } = await import(${source('../doctor/doctor.ts')})
  for (const { check, level, what } of examineFolder(process.argv[1], { full: true, isStill: true }))
    if (level === 'problem' && check !== 'disk') console.log(what)`

describe('a data folder that cannot be written', { skip: CANNOT }, () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-read-only-'))
    lockFolder(folder).release()
    prepareFolder(folder)
    for (const name of readdirSync(folder, { recursive: true }) as string[])
      chmodSync(join(folder, name), name.includes('.') ? 0o444 : 0o555)
    chmodSync(folder, 0o555)
  })
  afterEach(() => {
    for (const name of ['', 'segments', 'raw']) chmodSync(join(folder, name), 0o755)
    rmSync(folder, { recursive: true })
  })

  it('is refused by its name before anything in it is touched', () => {
    assert.match(
      said(LOCK, folder),
      new RegExp(`^UnusableFolderError ${folder} cannot be written: the user \\w+ may not write to it\n$`),
    )
  })

  it('is refused by the name of the part that cannot be written', () => {
    chmodSync(folder, 0o777)
    assert.match(said(LOCK, folder), new RegExp(`^UnusableFolderError ${folder}/lock.db cannot be written`))
  })

  it('is refused by the name of a segment that cannot be written, though all else can', () => {
    for (const name of ['', ...(readdirSync(folder, { recursive: true }) as string[])])
      chmodSync(join(folder, name), 0o777)
    chmodSync(join(folder, 'segments', '000001.db'), 0o444)
    assert.match(said(LOCK, folder), new RegExp(`^UnusableFolderError ${folder}/segments/000001.db cannot be written`))
  })

  it('is examined all the same, and has nothing new in it afterwards', () => {
    const before = readdirSync(folder, { recursive: true }).sort()
    assert.equal(said(EXAMINE, folder), '')
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), before)
  })
})

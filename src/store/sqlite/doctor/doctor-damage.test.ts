import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  fstatSync,
  globSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { aLiveReport, aReport } from '../../../../test/support/a-report.ts'
import { ALICE } from '../../../../test/support/directory-in-folder.ts'
import { SqliteStoreInFolder } from '../../../../test/support/sqlite-store-in-folder.ts'
import { uuidOf } from '../../../../test/support/varied-calls.ts'
import { folderPaths, prepareFolder, reading } from '../folder/folder.ts'
import { UnusableFolderError } from '../folder/folder-check.ts'
import { fill } from '../segments/filter-rows.ts'
import { IdentityFilter } from '../segments/identity-filter.ts'
import { filterPath, saveOverall } from '../segments/identity-filter-file.ts'
import { examineFolder } from './doctor.ts'
import type { Finding } from './doctor-finding.ts'

const CALLS = 60
const SIZES = { openCalls: 20, fullCalls: 1_000_000, mergeYoung: 1_000_000, overallFrom: 3 }
const at = (n: number) => new Date(Date.UTC(2024, 0, 15) + n * 60_000).toISOString()

/** A folder of four segments and two raw files, which each test damages a copy of. */
describe('a doctor of a folder that was damaged', () => {
  const whole = new SqliteStoreInFolder({ segmentSizes: SIZES })
  let inUse: string
  let folder: string

  before(async () => {
    const store = await whole.open()
    for (let n = 0; n < CALLS; n += 10) {
      const calls = Array.from({ length: 10 }, (_, i) => ({ call_uuid: uuidOf(n + i), started_at: at(n + i) }))
      await store.append(calls.map((call) => aReport({ ...call, answered_at: null, ended_at: at(n + 30) })))
    }
    await store.append([aLiveReport({ call_uuid: uuidOf(CALLS) })])
    inUse = mkdtempSync(join(tmpdir(), 'calltrail-in-use-'))
    cpSync(whole.folder, inUse, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    await store.close()
    writeFileSync(join(whole.folder, 'raw', '000002.zlog'), '') // as after 256 MiB
  })
  after(async () => {
    await whole.remove()
    rmSync(inUse, { recursive: true })
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-damaged-'))
    execFileSync('cp', ['-a', `${whole.folder}/.`, folder]) // with its times, to the nanosecond
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const wrong = (full = true, isStill = true): Finding[] =>
    [...examineFolder(folder, { full, isStill })].filter(
      ({ check, level }) => level !== 'ok' && !['disk', 'modes'].includes(check),
    )
  const file = (name: string) => join(folder, name)
  const segment = (no: number) => file(`segments/00000${no}.db`)
  const change = (path: string, sql: string) => {
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
  }
  /** Turns one bit at a share of the file's length. */
  const turnBit = (path: string, share = 0.5) => {
    const fd = openSync(path, 'r+')
    const place = Math.floor(fstatSync(fd).size * share)
    const byte = Buffer.alloc(1)
    readSync(fd, byte, 0, 1, place)
    writeSync(fd, Buffer.of((byte[0] as number) ^ 0x10), 0, 1, place)
    closeSync(fd)
  }
  const says = (findings: readonly Finding[], what: RegExp, todo: RegExp): void => {
    const found = findings.find((finding) => what.test(finding.what))
    assert.ok(found, `nothing says ${what}:\n${findings.map((finding) => finding.what).join('\n')}`)
    assert.match(found.todo ?? '', todo)
  }

  it('finds nothing wrong before, and changes nothing', () => {
    const state = () => globSync('**', { cwd: folder }).sort()
    const before = state()
    assert.equal(before.filter((name) => /^segments\/\d+\.db$/.test(name)).length, 4, before.join())
    assert.deepEqual(wrong(), [])
    assert.deepEqual(wrong(false), [])
    assert.deepEqual(state(), before)
  })

  for (const name of ['meta.db', 'live.db', 'segments/000002.db'])
    it(`finds a page of ${name} that was overwritten`, () => {
      const fd = openSync(file(name), 'r+')
      writeSync(fd, Buffer.alloc(4096, 0x5a), 0, 4096, 8192)
      closeSync(fd)
      const command = name === 'meta.db' ? /restore BACKUP --into/ : new RegExp(`restore BACKUP --file ${name} --into`)
      says(wrong(), new RegExp(`^${name.split('/').at(-1)}.*(malformed|ontent|page|ree)`), command)
    })

  it('finds a block of the raw log with a bit that has turned', () => {
    turnBit(file('raw/000001.zlog'))
    const found = wrong()
    says(
      found,
      /^raw\/000001\.zlog has no whole block at \d+ of its \d+ bytes: it is damaged/,
      /--file raw\/000001\.zlog/,
    )
    says(found, /of 61 reports of 61 calls cannot be read in the raw log/, /--file raw\/NNNNNN\.zlog/)
  })

  it('finds a filter with a bit that has turned', () => {
    turnBit(filterPath(segment(1)))
    says(wrong(), /^000001\.filter is damaged/, /the server does not use it/)
  })

  it('finds a filter that does not know a call of its segment', () => {
    copyFileSync(filterPath(segment(2)), filterPath(segment(1)))
    says(wrong(), /^000001\.filter (is damaged, or not of its segment|does not know 20 calls)/, /./)
  })

  it('finds that the filter over all segments has a bit that has turned, or does not know a call', () => {
    const { overall } = folderPaths(folder)
    const paths = [1, 2, 3, 4].map(segment)
    const filter = IdentityFilter.make(CALLS)
    filter.markWhole()
    const takeIn = (path: string) => reading(path, 1024, (db) => fill(filter, db))
    for (const path of paths.slice(1)) takeIn(path)
    saveOverall(overall, paths, filter)
    says(wrong(), /^all\.filter does not know 20 calls, which could be stored twice/, /delete segments\/all\.filter/)
    takeIn(segment(1))
    saveOverall(overall, paths, filter)
    assert.deepEqual(wrong(), [])
    turnBit(overall)
    says(wrong(), /^all\.filter is damaged, or not of the segments as they are now/, /the server does not use it/)
  })

  it('finds a segment that is gone, and a start refuses it by name', () => {
    rmSync(segment(2))
    says(wrong(), /^000002\.db is missing$/, /restore BACKUP --file segments\/000002\.db --into/)
    assert.throws(
      () => prepareFolder(folder),
      /segments\/000002\.db is missing; put it back .*--file segments\/000002\.db/,
    )
    assert.equal(existsSync(segment(2)), false)
  })

  it('finds live.db gone, and a start refuses it by name', () => {
    rmSync(file('live.db'))
    says(wrong(), /^live\.db is missing$/, /--file live\.db/)
    assert.throws(() => prepareFolder(folder), /live\.db is missing/)
  })

  it('finds meta.db gone, and a start does not make another beside the calls', () => {
    rmSync(file('meta.db'))
    says(wrong(), /^meta\.db is missing$/, /restore BACKUP --into/)
    assert.throws(() => prepareFolder(folder), /meta\.db is missing, and there is live\.db/)
    assert.equal(existsSync(file('meta.db')), false)
  })

  it('finds a meta.db with nothing in it, says nothing of what it would name, and a start gives the calls to nobody', () => {
    truncateSync(file('meta.db'), 0)
    says(wrong(), /^meta\.db has nothing in it$/, /restore BACKUP --into/)
    assert.equal(wrong().length, 1)
    assert.throws(
      () => prepareFolder(folder),
      /meta\.db has nothing in it, and there is live\.db; move the folder away/,
    )
    assert.equal(statSync(file('meta.db')).size, 0)
  })

  it('finds a meta.db that cannot be read, once, and calls no segment left over for it', () => {
    truncateSync(file('meta.db'), 8192)
    says(wrong(), /^meta\.db cannot be read: database disk image is malformed/, /restore BACKUP --into/)
    assert.equal(wrong().length, 1)
    assert.throws(() => prepareFolder(folder), /meta\.db is damaged/)
  })

  for (const name of ['live.db', 'segments/000002.db'])
    it(`finds ${name} cut off or emptied, and a start refuses it by name`, () => {
      const { size } = statSync(file(name))
      const command = new RegExp(`--file ${name}`)
      truncateSync(file(name), size - 4096)
      const said = name.split('/').at(-1)
      says(wrong(), new RegExp(`^${said} is cut off: it has ${size - 4096} of ${size} bytes`), command)
      const least = `${name} is cut off: it has ${size - 4096} of ${size} bytes; put it back .*--file ${name}`
      assert.throws(() => prepareFolder(folder), new RegExp(least))
      truncateSync(file(name), 0)
      says(wrong(), new RegExp(`^${said} is empty$`), command)
      assert.throws(() => prepareFolder(folder), new RegExp(`${name} is empty; put it back .*--file ${name}`))
      assert.equal(statSync(file(name)).size, 0)
    })

  it('finds the end of the raw log gone, and a start refuses it or goes on behind it', async () => {
    rmSync(file('raw/000002.zlog'))
    truncateSync(file('raw/000001.zlog'), 700)
    says(wrong(), /reports of .* calls cannot be read in the raw log/, /--file raw\/NNNNNN\.zlog/)
    assert.throws(
      () => prepareFolder(folder),
      (error: Error) => {
        assert.match(error.message, /raw\/000001\.zlog is cut off: reports of stored calls lay behind its end/)
        assert.match(error.message, /--file raw\/000001\.zlog --into .*; or go on .*: touch .*\/raw\/000002\.zlog$/)
        return true
      },
    )
    writeFileSync(file('raw/000002.zlog'), '')
    const store = await whole.open({ folder })
    try {
      await store.append([aReport({ call_uuid: uuidOf(CALLS + 1) })])
      const raws = (n: number) => store.rawReports({ accountId: ALICE, callUuid: uuidOf(n) })
      const counted = await Promise.all([raws(CALLS + 1), raws(0), raws(CALLS)])
      assert.deepEqual(
        counted.map(({ reports, unreadable }) => [reports.length, unreadable]),
        [
          [1, 0],
          [1, 0],
          [0, 1],
        ],
      )
      assert.equal(statSync(file('raw/000001.zlog')).size, 700, 'it may be put back')
    } finally {
      await store.close()
    }
  })

  it('finds a raw file that is gone, and a start does not begin it again', () => {
    rmSync(file('raw/000001.zlog'))
    writeFileSync(file('raw/000000.zlog'), '')
    says(wrong(), /^raw\/000001\.zlog is missing$/, /--file raw\/000001\.zlog/)
    rmSync(file('raw/000002.zlog'))
    assert.throws(() => prepareFolder(folder), /raw\/000001\.zlog is missing/)
  })

  it('finds a file that the map does not name, and a half-written one', () => {
    copyFileSync(segment(1), segment(8))
    writeFileSync(segment(9), 'SQLite')
    says(
      wrong(false),
      /not in the range map: 000008\.db, 000009\.db; left by a crash/,
      /start the server: it removes those that are its own/,
    )
    assert.deepEqual(wrong(false, false), [], 'a server that runs may be writing them')
  })

  it('finds a segment that was half written over', () => {
    truncateSync(segment(1), 3 * 8192)
    says(wrong(false), /^000001\.db.*malformed/, /--file segments\/000001\.db/)
  })

  it('finds a gap and an overlap of ranges', () => {
    change(file('meta.db'), 'UPDATE segments SET from_us = from_us + 1000000 WHERE no = 2')
    says(wrong(false), /^segment 1 and segment 2 leave a gap of 1 s from 2024-01-15T00:\d\d/, /restore BACKUP --into/)
    change(file('meta.db'), 'UPDATE segments SET from_us = from_us - 3000000 WHERE no = 2')
    says(wrong(false), /^segment 1 and segment 2 overlap by 2 s from /, /restore BACKUP --into/)
  })

  it('finds moves that were left in the journal', () => {
    change(file('meta.db'), 'INSERT INTO moves VALUES (1, zeroblob(16)), (2, zeroblob(16))')
    says(wrong(false), /^2 calls were about to move/, /start the server/)
    assert.deepEqual(wrong(false, false), [], 'a server that runs may be moving them')
  })

  it('finds a call that lies in two segments', () => {
    change(segment(2), `ATTACH '${segment(1)}' AS other; INSERT INTO calls SELECT * FROM other.calls LIMIT 1`)
    says(wrong(), /^1 calls are there twice, such as .* in 000001\.db and 000002\.db/, /report it/)
  })

  it('takes one whose move was journalled for what the next start settles', () => {
    change(
      segment(2),
      `ATTACH '${segment(1)}' AS other; INSERT INTO calls SELECT * FROM other.calls LIMIT 1;
       ATTACH '${file('meta.db')}' AS meta; INSERT INTO meta.moves SELECT account, uuid FROM other.calls LIMIT 1`,
    )
    says(wrong(), /^1 calls lie in two segments: they were moving/, /start the server/)
  })

  it('finds a newer schema', () => {
    change(segment(3), 'PRAGMA user_version = 4711')
    says(wrong(false), /^000003\.db has schema 4711/, /newer Calltrail/)
  })

  it('finds a write-ahead log without its database', () => {
    copyFileSync(join(inUse, 'live.db-wal'), `${segment(7)}-wal`)
    says(wrong(false), /^000007\.db-wal is there and 000007\.db is not/, /--file segments\/000007\.db/)
  })

  it('finds a meta.db that is older than the calls, and a start refuses it', () => {
    change(file('meta.db'), "UPDATE sequences SET reserved = 10 WHERE name = 'call id'")
    says(
      wrong(false),
      /^the highest call id is 61, and only 10 are reserved: meta\.db is older/,
      /restore BACKUP --into/,
    )
    assert.throws(() => prepareFolder(folder), /has a call with the id \d+, and by meta\.db none is above 10/)
  })

  it('finds that a database is none, and a start names it', () => {
    writeFileSync(
      file('live.db'),
      'not a database, by any means, but long enough to be taken for one at first sight'.repeat(9),
    )
    says(wrong(false), /^live\.db cannot be read: file is not a database/, /--file live\.db/)
    assert.throws(
      () => prepareFolder(folder),
      (error: Error) => {
        assert.ok(error instanceof UnusableFolderError)
        assert.match(error.message, /live\.db is damaged \(file is not a database\)/)
        return true
      },
    )
  })

  it('finds nothing wrong with a folder that was copied in use with all its files, nor does a start', async () => {
    rmSync(folder, { recursive: true })
    cpSync(inUse, folder, { recursive: true })
    assert.deepEqual(
      wrong().filter(({ level }) => level === 'problem'),
      [],
    )
    prepareFolder(folder)
    const { n } = new DatabaseSync(segment(1)).prepare('SELECT count(*) AS n FROM calls').get() as { n: number }
    assert.equal(n, 20)
  })

  it('finds that a restore did not end, and a start refuses it', () => {
    rmSync(folder, { recursive: true })
    prepareFolder(folder)
    rmSync(file('meta.db'))
    cpSync(whole.folder, file('restoring'), { recursive: true })
    says(wrong(false), /^a restore into this folder did not end$/, /run it again/)
    assert.throws(() => prepareFolder(folder), /a restore into .* did not end: run it again/)
  })
})

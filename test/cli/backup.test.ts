import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

interface Made {
  backup: string
  no: number
  previous: string | null
  files: number
  copied_files: number
}

interface Examined {
  problems: number
  warnings: number
  findings: { check: string; level: string; what: string; todo: string | null }[]
}

const CALLS = 300

/** Turns one bit in the middle of a file. */
function turnBit(path: string): void {
  const fd = openSync(path, 'r+')
  const place = Math.floor(fstatSync(fd).size / 2)
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, place)
  writeSync(fd, Buffer.of((byte[0] as number) ^ 1), 0, 1, place)
  closeSync(fd)
}

describe('calltrail backup, verify and restore', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  const target = at.file('backups')
  let exported: string
  let made: Made
  before(async () => {
    await at.serve()
    await at.json(['import', '-'], { input: ndjsonCalls(CALLS).join('\n') })
    exported = (await at.run(['export'])).stdout
    made = await at.json<Made>(['backup', target])
  })
  after(() => at.remove())

  it('back up what is being served, and share what has not changed', async () => {
    assert.deepEqual([made.no, made.previous, made.copied_files], [1, null, 4])
    const { code, stdout } = await at.run(['backup', target])
    assert.equal(code, 0)
    assert.match(stdout, /^\S+backups\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-2)?\n4 files, .*: 2 copied, .*, 2 shared with /)
    const full = await at.json<Made>(['backup', target, '--full'])
    assert.deepEqual([full.no, full.previous, full.copied_files], [3, null, 4])
  })

  it('keep to the owner and the group what they write', async () => {
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    assert.deepEqual(
      ['', 'raw', 'segments'].map((name) => mode(join(made.backup, name))),
      ['750', '750', '750'],
    )
    for (const name of ['manifest.json', 'meta.db', 'live.db', 'segments/000001.db', 'raw/000001.zlog'])
      assert.equal(mode(join(made.backup, name)), '640', name)
  })

  it('find a backup whole', async () => {
    const { problems, findings } = await at.json<Examined>(['verify', made.backup, '--full'])
    assert.equal(problems, 0)
    assert.ok(findings.some(({ what }) => what === '4 files are as they were written, and each is sound in itself'))
    assert.equal((await at.run(['verify', target])).code, 0, 'a folder of backups stands for the last')
  })

  it('make a folder that answers as the one that was backed up did', async () => {
    const into = at.file('restored')
    const { stdout, code } = await at.run(['restore', made.backup, '--into', into])
    assert.equal(code, 0)
    assert.match(stdout, /^Its last change is 300; the next will be 1,000,000,100,001 or above\.$/m)
    assert.equal((await at.run(['export', '--data', into])).stdout, exported)
    const { problems } = await at.json<Examined>(['doctor', '--full', '--data', into])
    assert.equal(problems, 0)
    assert.deepEqual(
      readdirSync(into).filter((name) => name.startsWith('control')),
      [],
    )
  })

  describe('of a backup that is damaged', () => {
    const damaged = at.file('damaged')
    beforeEach(() => {
      rmSync(damaged, { recursive: true, force: true })
      cpSync(made.backup, damaged, { recursive: true })
    })

    it('find what is damaged in it, and refuse to restore it', async () => {
      turnBit(join(damaged, 'segments/000001.db'))
      truncateSync(join(damaged, 'raw/000001.zlog'), 100)
      rmSync(join(damaged, 'live.db'))
      const { problems, findings } = await at.json<Examined>(['verify', damaged], { code: 1 })
      assert.equal(problems, 3)
      for (const says of [
        'segments/000001.db is damaged: its SHA-256 is not that of the manifest',
        'raw/000001.zlog has 100 bytes, and was written with',
        'live.db is missing',
      ])
        assert.ok(
          findings.some(({ what }) => what.startsWith(says)),
          JSON.stringify(findings),
        )
      const into = at.file('refused')
      const { code, stderr } = await at.run(['restore', damaged, '--into', into])
      assert.equal(code, 1)
      assert.match(stderr, /live\.db is missing/)
      assert.deepEqual(readdirSync(into), ['lock.db'])
    })

    it('find a manifest that was changed, and refuse to go by it', async () => {
      const path = join(damaged, 'manifest.json')
      turnBit(path)
      const { findings } = await at.json<Examined>(['verify', damaged], { code: 1 })
      assert.match(findings[0]?.what ?? '', /manifest\.json is damaged/)
      assert.equal((await at.run(['restore', damaged, '--into', at.file('refused')])).code, 1)
    })

    it('see a file that is not of the backup, and do not restore it', async () => {
      writeFileSync(join(damaged, 'segments', '000009.db'), 'stray')
      const { warnings, problems } = await at.json<Examined>(['verify', damaged])
      assert.deepEqual({ warnings, problems }, { warnings: 1, problems: 0 })
    })
  })

  it('refuse a folder that is not empty, and touch nothing in it', async () => {
    const into = at.file('full')
    mkdirSync(into)
    writeFileSync(join(into, 'mine'), '')
    const { code, stderr } = await at.run(['restore', target, '--into', into])
    assert.equal(code, 2)
    assert.match(stderr, /is not empty: there is mine in it/)
    assert.deepEqual(readdirSync(into), ['mine'])
    assert.equal((await at.run(['restore', target])).code, 2, 'nor the folder that is being served')
  })

  it('begin a restore anew that was killed, in which no server starts before', async () => {
    const into = at.file('killed')
    mkdirSync(join(into, 'restoring', 'raw'), { recursive: true })
    cpSync(join(made.backup, 'segments'), join(into, 'segments'), { recursive: true })
    const { code, stderr } = await at.run(['serve', '--data', into, '--listen', '127.0.0.1:0'])
    assert.equal(code, 1)
    assert.match(stderr, /a restore into .* did not end: run it again/)
    assert.equal((await at.run(['restore', made.backup, '--into', into])).code, 0)
    assert.equal((await at.run(['export', '--data', into])).stdout, exported)
    assert.equal(existsSync(join(into, 'restoring')), false)
  })

  it('refuse to lay a backup into the folder itself', async () => {
    const { code, stderr } = await at.run(['backup', join(at.data, 'backups')])
    assert.equal(code, 2)
    assert.match(stderr, /lies in the data folder/)
  })

  it('say what is not a backup', async () => {
    const { code, stderr } = await at.run(['verify', at.data])
    assert.equal(code, 1)
    assert.match(stderr, /is not a backup, and there is none in it/)
  })

  describe('of one file', () => {
    const into = at.file('one-file')
    beforeEach(async () => {
      rmSync(into, { recursive: true, force: true })
      assert.equal((await at.run(['restore', made.backup, '--into', into])).code, 0)
    })

    for (const name of ['segments/000001.db', 'live.db', 'raw/000001.zlog'])
      it(`put ${name} back, and what lay there aside`, async () => {
        truncateSync(join(into, name), 100)
        assert.equal((await at.run(['doctor', '--full', '--data', into])).code, 1)
        const { kept } = await at.json<{ kept: string }>(['restore', target, '--file', name, '--into', into])
        assert.equal(statSync(kept).size, 100)
        const { problems } = await at.json<Examined>(['doctor', '--full', '--data', into])
        assert.equal(problems, 0)
        assert.equal((await at.run(['export', '--data', into])).stdout, exported)
      })

    it('write no report to a raw file that was put back, where calls may expect others', async () => {
      const { stdout } = await at.run(['restore', target, '--file', 'raw/000001.zlog', '--into', into])
      assert.match(stdout, /what was written to it since is not in it/)
      assert.deepEqual(readdirSync(join(into, 'raw')), ['000001.zlog', '000002.zlog'])
    })

    it('refuse meta.db, a file that the backup does not have, and a folder that is being served', async () => {
      const one = (name: string, folder = into) => at.run(['restore', target, '--file', name, '--into', folder])
      assert.deepEqual([(await one('meta.db')).code, (await one('segments/000777.db')).code], [2, 1])
      assert.equal((await one('live.db', at.data)).code, 4)
    })
  })
})

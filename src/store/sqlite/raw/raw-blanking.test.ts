import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { Seeded } from '../../../../test/support/seeded.ts'
import { blanked, HEADER_BYTES, packBlock, pointerTo, readBlock, textsOf } from './raw-block.ts'
import { type RawAddress, rawPath } from './raw-files.ts'
import { RawLogWriter, readRaw } from './raw-log.ts'

const FROM = { account: 7, arrivedAtUs: 1_705_329_300_000_000 }
const JOURNAL = 'blanking.journal'

describe('forgetting reports of the raw log', () => {
  let folder: string
  let log: RawLogWriter
  let addresses: RawAddress[]
  const reports = Array.from({ length: 300 }, (_, n) => `{"call":${n},"from":"+1202555${String(n).padStart(4, '0')}"}`)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-raw-'))
    log = new RawLogWriter(folder)
    addresses = reports.map((report) => log.add(report, FROM))
    log.sync()
  })
  afterEach(() => {
    log.close()
    rmSync(folder, { recursive: true })
  })

  const readAll = () => addresses.map((address) => readRaw(folder, address))
  const chosen = (indexes: readonly number[]) => indexes.map((index) => addresses[index] as RawAddress)
  const without = (indexes: readonly number[]) => reports.map((report, n) => (indexes.includes(n) ? null : report))

  it('leaves every other report where it was', () => {
    const gone = [0, 5, 127, 128, 299]
    assert.equal(log.forget(chosen(gone)), gone.length)
    assert.deepEqual(readAll(), without(gone))
    assert.equal(log.forget(chosen(gone)), 0, 'they are gone already')
    const next = log.add('next', FROM)
    log.sync()
    assert.equal(readRaw(folder, next), 'next')
  })

  it('makes a file no longer where calls differ as they do', () => {
    const random = new Seeded(3)
    const reports = Array.from({ length: 500 }, () => `${randomText(random, 40)}"direction":"inbound"`)
    const places = reports.map((report) => log.add(report, FROM))
    log.sync()
    const { size } = statSync(rawPath(folder, 1))
    assert.equal(log.forget(places.filter((_, n) => n % 7 === 0)), 72)
    assert.equal(statSync(rawPath(folder, 1)).size, size)
    assert.deepEqual(
      places.map((place) => readRaw(folder, place)),
      reports.map((report, n) => (n % 7 === 0 ? null : report)),
    )
  })

  it('does not mind places that there are not', () => {
    const nowhere = [
      { file: 0, offset: 0, index: 0 },
      { file: 9, offset: 0, index: 0 },
      { file: 1, offset: 1, index: 0 },
    ]
    assert.equal(log.forget(nowhere), 0)
    assert.deepEqual(readAll(), reports)
  })

  it('is finished by the next start, wherever a crash was in the middle of it', () => {
    const before = readFileSync(rawPath(folder, 1))
    log.forget(chosen([3, 200]))
    const after = readFileSync(rawPath(folder, 1))
    const journal = journalOf(before, after)
    for (const share of [0, 0.2, 0.5, 1]) {
      log.close()
      const torn = Math.floor(after.length * share)
      writeFileSync(rawPath(folder, 1), Buffer.concat([after.subarray(0, torn), before.subarray(torn)]))
      writeFileSync(join(folder, JOURNAL), journal)
      log = new RawLogWriter(folder)
      assert.deepEqual(readAll(), without([3, 200]))
    }
  })

  it('was not begun where its journal was not whole on the disk', () => {
    const before = readFileSync(rawPath(folder, 1))
    log.forget(chosen([3]))
    const journal = journalOf(before, readFileSync(rawPath(folder, 1)))
    for (const bytes of [0, 3, 4, 40, journal.length - 1]) {
      log.close()
      writeFileSync(rawPath(folder, 1), before)
      writeFileSync(join(folder, JOURNAL), journal.subarray(0, bytes))
      log = new RawLogWriter(folder)
      assert.deepEqual(readAll(), reports)
    }
  })

  /** The journal that makes one file of another: all its blocks that differ. */
  function journalOf(before: Buffer, after: Buffer): Buffer {
    const entries: Buffer[] = []
    const fd = openSync(rawPath(folder, 1), 'r')
    for (let offset = 0, block = readBlock(fd, 0); block !== null; block = readBlock(fd, offset)) {
      const now = after.subarray(offset, offset + block.bytes)
      if (!now.equals(before.subarray(offset, offset + block.bytes))) {
        const head = Buffer.alloc(12)
        head.writeUInt32LE(1, 0)
        head.writeUInt32LE(offset, 4)
        head.writeUInt32LE(block.bytes, 8)
        entries.push(head, now)
      }
      offset += block.bytes
    }
    closeSync(fd)
    const all = Buffer.concat(entries)
    const crc = Buffer.alloc(4)
    crc.writeUInt32LE(crc32(all), 0)
    return Buffer.concat([all, crc])
  }
})

describe('a block of which reports are forgotten', () => {
  it('fits its place, or what tells where it went does', () => {
    const random = new Seeded(11)
    const path = join(mkdtempSync(join(tmpdir(), 'calltrail-block-')), 'block')
    for (let round = 0; round < 300; round += 1) {
      const shared = randomText(random, random.integer(0, 2000))
      const reports = Array.from({ length: random.integer(1, 128) }, () => ({
        text: Buffer.from(random.integer(0, 3) > 0 ? shared + randomText(random, random.integer(0, 40)) : 'x'),
        account: random.integer(1, 9),
        arrivedAtUs: random.integer(1, 1e9),
      }))
      const packed = packBlock(reports)
      writeFileSync(path, packed)
      const fd = openSync(path, 'r')
      const block = readBlock(fd, 0)
      closeSync(fd)
      assert.ok(block)
      assert.equal(block.newestUs, Math.max(...reports.map(({ arrivedAtUs }) => arrivedAtUs)))
      const gone = new Set(reports.map((_, index) => index).filter(() => random.integer(0, 2) === 0))
      const made = blanked(block, gone)
      assert.equal(made === null, gone.size === 0)
      if (made === null) continue
      if (made.fits) assert.equal(made.block.length, packed.length)
      else assert.equal(pointerTo(block, { file: 1, offset: 0 }).length, packed.length)
      const { accounts, texts } = textsOf({ ...block, packed: made.block.subarray(HEADER_BYTES) })
      assert.deepEqual(
        accounts,
        reports.map(({ account }) => account),
      )
      assert.deepEqual(
        texts.map((text) => text?.toString() ?? null),
        reports.map(({ text }, index) => (gone.has(index) ? null : String(text))),
      )
    }
    rmSync(join(path, '..'), { recursive: true })
  })
})

function randomText(random: Seeded, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(random.integer(33, 126))).join('')
}

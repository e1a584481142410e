import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { RawAddress } from './raw-files.ts'
import { RawLogWriter, readRaw } from './raw-log.ts'

const FROM = { account: 1, arrivedAtUs: 1_705_329_300_000_000 }

describe('the raw log', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-raw-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const file = (no: number) => join(folder, `${String(no).padStart(6, '0')}.zlog`)
  const files = () => readdirSync(folder).sort()
  const readAll = (addresses: readonly RawAddress[]) => addresses.map((address) => readRaw(folder, address))

  /** Writes reports in blocks of their own. */
  function write(reports: readonly string[], options = {}): RawAddress[] {
    const log = new RawLogWriter(folder, options)
    const addresses = reports.map((report) => {
      const address = log.add(report, FROM)
      log.sync()
      return address
    })
    log.close()
    return addresses
  }

  function damage(no: number, offset: number): void {
    const bytes = readFileSync(file(no))
    bytes[offset] = (bytes[offset] as number) ^ 0xff
    writeFileSync(file(no), bytes)
  }

  it('gives every report back as it came', () => {
    const reports = ['{"a":1}', '', 'naïve 👩‍👩‍👧‍👦', 'x'.repeat(3_000_000), '{"a":1}']
    assert.deepEqual(readAll(write(reports)), reports)
  })

  it('packs many reports into a block, and gives each back', () => {
    const reports = Array.from({ length: 1000 }, (_, n) => `{"call":${n},"text":"always the same"}`)
    const log = new RawLogWriter(folder)
    const addresses = reports.map((report) => log.add(report, FROM))
    log.close()
    assert.deepEqual(readAll(addresses), reports)
    assert.ok(new Set(addresses.map(({ offset }) => offset)).size < 10)
    assert.ok(statSync(file(1)).size < 10_000)
  })

  it('goes on where it stopped', () => {
    const first = write(['a', 'b'])
    const second = write(['c'])
    assert.deepEqual(readAll([...first, ...second]), ['a', 'b', 'c'])
    assert.deepEqual(files(), ['000001.zlog'])
  })

  it('begins a new file when one is full', () => {
    const reports = Array.from({ length: 9 }, (_, n) => `report ${n} `.repeat(20))
    const addresses = write(reports, { fileBytes: 150 })
    assert.deepEqual(readAll(addresses), reports)
    assert.ok(files().length > 2)
    assert.deepEqual(
      addresses.map((address) => address.file),
      addresses.map((address) => address.file).sort((a, b) => a - b),
    )
  })

  it('cuts off what a crash left half written, wherever it stopped', () => {
    const [kept] = write(['kept'])
    const whole = statSync(file(1)).size
    write(['lost '.repeat(50)])
    const both = statSync(file(1)).size
    const bytes = readFileSync(file(1))
    for (let size = whole + 1; size < both; size += 1) {
      writeFileSync(file(1), bytes.subarray(0, size))
      const [next] = write(['next'])
      assert.deepEqual(readAll([kept as RawAddress, next as RawAddress]), ['kept', 'next'])
      assert.equal(next?.offset, whole)
    }
    assert.deepEqual(files(), ['000001.zlog'])
  })

  it('cuts off octets that never reached the disk: zeros and remains of something else', () => {
    const [kept] = write(['kept'])
    const whole = statSync(file(1)).size
    for (const tail of [Buffer.alloc(5000), Buffer.from('CTRB'), Buffer.alloc(16, 'CTRB'), Buffer.alloc(9000, 'x')]) {
      truncateSync(file(1), whole)
      appendFileSync(file(1), tail)
      const [next] = write(['next'])
      assert.deepEqual([next?.offset, ...readAll([kept as RawAddress, next as RawAddress])], [whole, 'kept', 'next'])
    }
  })

  it('keeps what lies behind a damaged block, and goes on in a file of its own', () => {
    const addresses = write(['a', 'b', 'c'])
    damage(1, (addresses[1]?.offset as number) + 20)
    const before = statSync(file(1)).size
    const [next] = write(['d'])
    assert.deepEqual(readAll([...addresses, next as RawAddress]), ['a', null, 'c', 'd'])
    assert.deepEqual([next?.file, statSync(file(1)).size], [2, before])
  })

  it('keeps what lies behind a damaged head of a block as well', () => {
    const addresses = write(['a', 'b', 'c'])
    damage(1, (addresses[1]?.offset as number) + 4)
    assert.deepEqual(readAll([...addresses, ...write(['d'])]), ['a', null, 'c', 'd'])
  })

  it('has null for a damaged block, a file that is gone, and a place that there is not', () => {
    const [first, second] = write(['a', 'b']) as [RawAddress, RawAddress]
    damage(1, second.offset + 17)
    assert.deepEqual(readAll([first, second]), ['a', null])
    assert.equal(readRaw(folder, { ...first, index: 1 }), null)
    assert.equal(readRaw(folder, { ...first, offset: 3 }), null)
    assert.equal(readRaw(folder, { ...first, offset: 1e9 }), null)
    assert.equal(readRaw(folder, { ...first, file: 9 }), null)
  })

  it('forgets what was taken in and discarded', () => {
    const log = new RawLogWriter(folder)
    log.add('discarded', FROM)
    log.discard()
    const kept = log.add('kept', FROM)
    log.close()
    assert.deepEqual([kept, readRaw(folder, kept)], [{ file: 1, offset: 0, index: 0 }, 'kept'])
  })
})

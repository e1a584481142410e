import { readJsonCdrText } from '../freeswitch/read-json-cdr.ts'
import type { Reading } from '../reading.ts'
import type { UnpackLimits } from './decompress.ts'
import { splitObjects } from './json-objects.ts'
import { splitLines } from './lines.ts'
import { type ChainedReading, MasterChains } from './master-chains.ts'
import { openCallFile } from './open-file.ts'
import { type FileFormat, isOneObjectALine, sniffFormat } from './sniff.ts'
import type { StreamFault } from './stream-fault.ts'
import type { TextItem } from './text-item.ts'

/** A place in a file, unpacked: bytes before it, and the number of its line. The beginning is offset 0, line 1. */
export interface Position {
  offset: number
  line: number
}

/** What was read out of one record: a switch's call, a body in the native form that is still to be checked, a refusal. */
export interface FileRecord {
  kind: 'record'
  /** First line of the record, from 1. */
  line: number
  /** The record as it stands in the file; of one that is too long only the beginning. */
  raw: string
  reading: Reading | { native: unknown }
  /** Where to go on once this record is stored. */
  next: Position
  /** Bytes of the file, as it lies on the disk, that were read by now. */
  fileBytes: number
}

/** Always the last thing of a file; `fault` says why the rest of it could not be read, null that all was. */
export interface FileEnd {
  kind: 'end'
  fault: StreamFault | null
  /** After the last record that was given. */
  next: Position
  fileBytes: number
}

export interface ReadFileOptions {
  /** Sniffed where it is null. */
  format: FileFormat | null
  /** Zone of times that have none: IANA name, offset or `UTC`. */
  timeZone: string
  /** Go on after a record of an earlier reading: its `next`. */
  from?: Position
  /** What a packed file may unpack to; no limit unless given: it is the operator's own file. */
  limits?: UnpackLimits
}

/**
 * Every record of a file of calls: FreeSWITCH JSON CDRs (one, several, or one a line), Asterisk's Master.csv or native
 * NDJSON, packed with gzip or zstd or not at all. A record that cannot be read is given as a refusal and costs no other
 * one. Of a file that is cut off, all whole records are given, then the end with its fault. Null where the file is of
 * none of these formats. Rejects as node:fs does where the file cannot be opened.
 */
export async function readCallFile(
  path: string,
  { format, timeZone, from = { offset: 0, line: 1 }, limits = NO_LIMITS }: ReadFileOptions,
): Promise<{ format: FileFormat; records: AsyncGenerator<FileRecord | FileEnd, void> } | null> {
  const file = await openCallFile(path, limits)
  const known = format ?? sniffFormat(file.head, path)
  if (known === null) return null
  const split = known === 'asterisk-csv' || isOneObjectALine(file.head) ? splitLines : splitObjects
  const items = split(file.pieces(from.offset), from)
  const read = known === 'asterisk-csv' ? chained(new MasterChains({ timeZone })) : eachAlone(known)
  return { format: known, records: records({ items, read, from, fileBytes: file.bytesRead }) }
}

const NO_LIMITS: UnpackLimits = { maxBytes: Number.POSITIVE_INFINITY, maxRatio: Number.POSITIVE_INFINITY }

interface Made {
  items: TextItem[]
  reading: FileRecord['reading']
  /** The last item of what belongs together; null before its end. */
  after: TextItem | null
}

/** Makes records of the items of a batch; null is the end of the file. */
type Read = (batch: TextItem[] | null) => Made[]

function chained(chains: MasterChains): Read {
  return (batch): ChainedReading[] => (batch === null ? chains.rest() : chains.add(batch))
}

function eachAlone(format: 'freeswitch-json' | 'native-ndjson'): Read {
  const readText = format === 'freeswitch-json' ? readJsonCdrText : readNativeText
  return (batch) =>
    (batch ?? []).map((item) => ({
      items: [item],
      reading: item.problem === null ? readText(item.text) : refusal(item.problem),
      after: item,
    }))
}

function readNativeText(text: string): FileRecord['reading'] {
  try {
    return { native: JSON.parse(text) }
  } catch {
    return refusal('is not JSON')
  }
}

function refusal(detail: string): Reading {
  return { ok: false, reason: 'unreadable', field: null, detail }
}

async function* records(given: {
  items: AsyncGenerator<TextItem[] | StreamFault, void>
  read: Read
  from: Position
  fileBytes: () => number
}): AsyncGenerator<FileRecord | FileEnd, void> {
  let next = given.from
  let fault: StreamFault | null = null
  const recordOf = ({ items, reading, after }: Made): FileRecord => {
    // Until all that belongs together is stored, the place to go on from is the one before it.
    if (after !== null) next = { offset: after.end, line: after.nextLine }
    const raw = items.map(({ text }) => text).join('\n')
    return { kind: 'record', line: (items[0] as TextItem).line, raw, reading, next, fileBytes: given.fileBytes() }
  }
  for await (const batch of given.items) {
    if (!Array.isArray(batch)) {
      fault = batch
      break
    }
    for (const made of given.read(batch)) yield recordOf(made)
  }
  for (const made of given.read(null)) yield recordOf(made)
  yield { kind: 'end', fault, next, fileBytes: given.fileBytes() }
}

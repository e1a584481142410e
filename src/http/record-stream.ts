import type { Readable } from 'node:stream'
import { type Fault, FaultError } from '../dialect/fault.ts'
import { decompress } from '../ingest/file/decompress.ts'
import { splitLines } from '../ingest/file/lines.ts'
import { isFault, type Piece, type StreamFault } from '../ingest/file/stream-fault.ts'
import type { IncomingBody, IngestResult } from '../ingest/pipeline.ts'

/** What became of a request's records. */
export interface Tally {
  received: number
  stored: number
  updated: number
  duplicates: number
  /** The first thousand. */
  rejected: { index: number; field: string; reason: string }[]
  rejected_total: number
}

interface Given {
  stream: Readable
  contentType: string
  /** `Content-Encoding`, empty when there is none. */
  encoding: string
  /** Largest JSON body, unpacked. */
  limitBytes: number
  store(records: IncomingBody[]): Promise<IngestResult[]>
}

const BATCH_RECORDS = 500
const BATCH_BYTES = 1024 * 1024
/** Batches of one request that may wait for the disk at once. */
const BATCHES_AHEAD = 4
const REJECTED_SHOWN = 1000
/** NDJSON of call records shrinks 10 to 40 times; what grows a thousand times is a bomb. */
const MAX_RATIO = 300

/**
 * Reads and stores a request's records as they come. Where the stream breaks off, what came before is stored, and
 * `fault` says how far it got.
 */
export async function readRecords(given: Given): Promise<{ tally: Tally; fault: Fault | null }> {
  const type = given.contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!PACKINGS.has(given.encoding.toLowerCase()))
    throw new FaultError({ code: 'unsupported_media', why: 'content-encoding must be gzip, zstd or identity' })
  if (NDJSON.has(type)) return readLines(given)
  if (type === 'application/json' || type === '') return readWhole(given)
  throw new FaultError({ code: 'unsupported_media', why: 'send application/json or application/x-ndjson' })
}

const NDJSON = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'])
/** How a body may say it is packed; what it really is shows in its first bytes. */
const PACKINGS = new Set(['', 'identity', 'gzip', 'x-gzip', 'zstd'])

async function readWhole(given: Given): Promise<{ tally: Tally; fault: Fault | null }> {
  const chunks: Buffer[] = []
  for await (const piece of unpacked(given, given.limitBytes)) {
    if (isFault(piece)) throw new FaultError(faultOf(piece, given.limitBytes, 'the request'))
    chunks.push(piece)
  }
  const text = decodeUtf8(Buffer.concat(chunks))
  if (text === null) throw new FaultError({ code: 'bad_request', field: 'body', why: 'is not valid UTF-8' })
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new FaultError({ code: 'bad_request', field: 'body', why: `is not JSON: ${(error as Error).message}` })
  }
  const keeper = new Keeper(given.store)
  const records = Array.isArray(body) ? body : [body]
  for (const record of records) await keeper.add({ ...again(record), place: null })
  return { tally: await keeper.finish(), fault: null }
}

async function readLines(given: Given): Promise<{ tally: Tally; fault: Fault | null }> {
  const keeper = new Keeper(given.store)
  let fault: Fault | null = null
  for await (const lines of splitLines(unpacked(given, Number.MAX_SAFE_INTEGER), { line: 1, offset: 0 })) {
    if (Array.isArray(lines)) for (const line of lines) await keeper.addLine(line.text, line.problem)
    else
      fault = faultOf(
        lines,
        given.limitBytes,
        `the whole lines before that, ${keeper.received} records, are stored; the request`,
      )
  }
  return { tally: await keeper.finish(), fault }
}

/** The body as it was before packing, in pieces. What is left unread stays unread: the answer has to get out first. */
function unpacked({ stream }: Given, maxBytes: number): AsyncGenerator<Piece, void> {
  return decompress(stream.iterator({ destroyOnReturn: false }), { maxBytes, maxRatio: MAX_RATIO })
}

function faultOf({ fault, detail, bytesIn }: StreamFault, limitBytes: number, what: string): Fault {
  if (fault === 'too_large') return { code: 'too_large', limitBytes }
  return { code: 'bad_request', field: 'body', why: `${detail}, after ${bytesIn} bytes: ${what} is not whole` }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** One record of a JSON body as text of its own, for the raw log. */
function again(record: unknown): Pick<IncomingBody, 'raw' | 'body' | 'problem'> {
  try {
    return { raw: JSON.stringify(record), body: record }
  } catch {
    return { raw: '', body: null, problem: 'is nested too deep' }
  }
}

/** Gathers records into batches, keeps a few of them on their way to the disk, and counts what became of each. */
class Keeper {
  readonly #store: Given['store']
  readonly #tally: Tally = { received: 0, stored: 0, updated: 0, duplicates: 0, rejected: [], rejected_total: 0 }
  #batch: IncomingBody[] = []
  #indexes: number[] = []
  #bytes = 0
  #ahead: Promise<void>[] = []

  constructor(store: Given['store']) {
    this.#store = store
  }

  get received(): number {
    return this.#tally.received
  }

  /** `problem` is why the line cannot be read as text, if it cannot. */
  async addLine(text: string, problem: string | null): Promise<void> {
    const raw = text.trim()
    await this.add(problem === null ? { raw, place: null } : { raw, place: null, problem })
  }

  async add(record: IncomingBody): Promise<void> {
    this.#batch.push(record)
    this.#indexes.push(this.#tally.received++)
    this.#bytes += record.raw.length
    if (this.#batch.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES) await this.#send()
  }

  async finish(): Promise<Tally> {
    await this.#send()
    await Promise.all(this.#ahead)
    this.#tally.rejected.sort((a, b) => a.index - b.index)
    return this.#tally
  }

  async #send(): Promise<void> {
    if (this.#batch.length === 0) return
    const records = this.#batch
    const indexes = this.#indexes
    this.#batch = []
    this.#indexes = []
    this.#bytes = 0
    const stored = this.#store(records).then((results) => this.#count(results, indexes))
    // It may fail long before a slow client sends what has it awaited: a rejection that nobody hears ends the process.
    stored.catch(() => {})
    this.#ahead.push(stored)
    if (this.#ahead.length >= BATCHES_AHEAD) await this.#ahead.shift()
  }

  #count(results: readonly IngestResult[], indexes: readonly number[]): void {
    results.forEach((result, at) => {
      if ('refused' in result) this.#reject(indexes[at] as number, result.refused)
      else if (result.outcome === 'stored') this.#tally.stored += 1
      else if (result.outcome === 'updated') this.#tally.updated += 1
      else this.#tally.duplicates += 1
    })
  }

  #reject(index: number, { field, reason }: { field: string; reason: string }): void {
    this.#tally.rejected_total += 1
    if (this.#tally.rejected.length < REJECTED_SHOWN) this.#tally.rejected.push({ index, field, reason })
  }
}

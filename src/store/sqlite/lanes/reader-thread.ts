import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type CallEncoder, type EncoderMaker, type EncoderName, loadMaker } from '../../call-encoder.ts'
import type { CallQuery } from '../../query.ts'
import type { SummaryQuery } from '../../summary.ts'
import { checkCounts } from '../counts/count-check.ts'
import { CallReader } from '../reading/call-reader.ts'
import { partOfScan, textPage } from '../reading/text-page.ts'
import { FIELD_COLUMNS } from '../row/row-fields.ts'
import type { FoundBy } from '../row/row-members.ts'
import { Moves } from '../segments/moves.ts'
import { accountOf } from './question-account.ts'
import { SliceLoop, type TaskOutcome } from './slice-loop.ts'
import { SliceMeter } from './slice-meter.ts'

/** What can be asked of a reader. */
export type Question =
  | { kind: 'list'; query: CallQuery }
  | { kind: 'text' | 'part'; query: CallQuery; encoder: EncoderName }
  | { kind: 'changes'; query: { accountId: string; after: number; limit: number } }
  | { kind: 'lastChange'; accountId: string }
  | { kind: 'liveCalls' }
  | { kind: 'findByText'; key: { accountId: string; by: FoundBy; text: string } }
  | { kind: 'silent'; query: { updatedBeforeUs: number; limit: number } }
  | { kind: 'count' }
  | { kind: 'checkCounts' }
  | { kind: 'summary'; query: SummaryQuery }

export type ReaderRequest =
  | { no: number; question: Question }
  | { no: number; cancel: true }
  /** The map of segments has changed; not answered. */
  | { refresh: true }

/** A cancelled question has no reply. An error loses its class on the way between threads: `matches` tells which it was. */
export type ReaderReply = { no: number } & (TaskOutcome | { error: unknown; matches: number })

/** What a thread says once it has loaded what it needs. */
export interface ReaderReady {
  isReady: true
}

export interface ReaderThreadData {
  folder: string
  moves: SharedArrayBuffer
  meter: SharedArrayBuffer
  /** Sets of connections that the thread may open, and so tasks of different accounts that it works on by turns. */
  mostReaders: number
  /** Milliseconds of work after which a question is given back unanswered; null never. */
  giveUpAfterMs: number | null
}

/** Milliseconds without a pause after which what else the thread has to do (timers) gets a turn. */
const BUSY_MS = 100

const { folder, moves, meter: shared, mostReaders, giveUpAfterMs } = workerData as ReaderThreadData
const port = parentPort as MessagePort
const meter = new SliceMeter(shared)
const loop = new SliceLoop<CallReader>({
  openReader: () => new CallReader({ folder, moves: new Moves(moves) }),
  mostReaders,
  giveUpAfterMs,
  onOutcome: reply,
  onSlice: (ms) => meter.note(ms),
  now: () => performance.now(),
})

function answer(reader: CallReader, question: Question): unknown {
  switch (question.kind) {
    case 'list':
      return reader.list(question.query, FIELD_COLUMNS) // blobs cost most on the way between threads
    case 'text':
      return textPage(reader, question.query, encoderOf(question.encoder))
    case 'part':
      return partOfScan(reader, question.query, encoderOf(question.encoder))
    case 'changes':
      return reader.changes(question.query)
    case 'lastChange':
      return reader.lastChange(question.accountId)
    case 'liveCalls':
      return reader.liveCalls()
    case 'findByText':
      return reader.findByText(question.key)
    case 'silent':
      return reader.silent(question.query)
    case 'count':
      return reader.count()
    case 'summary':
      return reader.summary(question.query)
    case 'checkCounts':
      return checkCounts({ folder, random: Math.random })
  }
}

const makers = new Map<string, EncoderMaker>()
const encoderOf = (named: EncoderName): CallEncoder => (makers.get(keyOf(named)) as EncoderMaker)(named.given)
const keyOf = ({ module, name }: EncoderName) => `${name} of ${module}`
/** Questions whose encoder is being loaded. */
const loading = new Set<number>()

function hear(request: ReaderRequest): void {
  if ('refresh' in request) {
    loop.refresh()
    return
  }
  const { no } = request
  if ('cancel' in request) {
    loading.delete(no)
    loop.cancel(no)
  } else if ('encoder' in request.question && !makers.has(keyOf(request.question.encoder)))
    load(no, request.question.encoder, request.question)
  else add(no, request.question)
}

function add(no: number, question: Question): void {
  loop.add({ no, account: accountOf(question), work: (reader) => answer(reader, question) })
}

/** Loads what a question needs to be answered. */
function load(no: number, encoder: EncoderName, question: Question): void {
  loading.add(no)
  loadMaker(encoder).then(
    (loaded) => {
      makers.set(keyOf(encoder), loaded)
      if (!loading.delete(no)) return // cancelled meanwhile
      add(no, question)
      if (!isBusy) work()
    },
    (error) => {
      if (loading.delete(no)) reply(no, { error })
    },
  )
}

function reply(no: number, outcome: TaskOutcome): void {
  const { matches } = ('error' in outcome ? outcome.error : {}) as { matches?: number }
  const { bytes } = ('answer' in outcome ? (outcome.answer ?? {}) : {}) as { bytes?: Uint8Array<ArrayBuffer> }
  const message = { no, ...outcome, ...(matches === undefined ? {} : { matches }) } satisfies ReaderReply
  port.postMessage(message, bytes === undefined ? [] : [bytes.buffer])
}

let isBusy = false

/** Works until nothing waits, and hears between two slices what has come: a turn of the event loop costs much more. */
function work(): void {
  isBusy = true
  const until = performance.now() + BUSY_MS
  while (loop.runSlice()) {
    for (let heard = receiveMessageOnPort(port); heard !== undefined; heard = receiveMessageOnPort(port))
      hear(heard.message as ReaderRequest)
    if (performance.now() < until) continue
    setImmediate(work)
    return
  }
  isBusy = false
}

port.on('message', (request: ReaderRequest) => {
  hear(request)
  if (!isBusy) work()
})

port.postMessage({ isReady: true } satisfies ReaderReady)

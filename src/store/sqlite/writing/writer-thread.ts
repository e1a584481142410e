import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { DerivingSettings } from '../../../record/account.ts'
import type { Derive } from '../../call-store.ts'
import { BackupGate } from '../backup/backup-gate.ts'
import type { SegmentSizes } from '../folder/segment-sizes.ts'
import type { KeepingWork } from '../forgetting/keeping-work.ts'
import { tasks } from '../segments/maintenance-task.ts'
import { Moves } from '../segments/moves.ts'
import { serveMaintenance } from '../segments/writer-side.ts'
import { unpackReports } from './arrived-report.ts'
import { CallWriter, type Job, type JobOutcome } from './call-writer.ts'
import type { PackedReports } from './packed-reports.ts'
import { type Cause, StagingError } from './staging-error.ts'

/** A job as it travels: reports are packed for it. */
export type SentJob = { packed: PackedReports } | Exclude<Job, { reports: unknown }>

/** What the store asks of its writer thread. Settings come along when they are new or have changed. */
export type WriterRequest =
  | { kind: 'write'; no: number; job: SentJob; settings: [string, DerivingSettings][] }
  /** Stand still at this gate, so that a backup takes its snapshots; not answered. */
  | { kind: 'hold'; no: number; gate: SharedArrayBuffer }
  /** Something of the work of whoever forgets, after the writes that came before it. */
  | { kind: 'keep'; no: number; work: KeepingWork }
  | { kind: 'close'; no: number }

/** What the thread says unasked. */
export type WriterNotice =
  /** There is something for the maintenance thread to do. */
  | { kind: 'news' }
  /** The identity filter of a segment, which readers share. */
  | { kind: 'filter'; no: number; filter: SharedArrayBuffer }
  /** What the filter over all segments takes, bytes. */
  | { kind: 'overall'; bytes: number }
  /** Segments were taken out of the map, whose files readers are to let go of. */
  | { kind: 'map' }
  /** A group is on the disk, and every read that begins now sees it: the last change of each account in it. */
  | { kind: 'committed'; changed: Map<string, number> }

export type WriterReply =
  | WriterNotice
  | { kind: 'ready' }
  | { kind: 'written'; no: number; outcome: JobOutcome }
  | { kind: 'kept'; no: number; outcome: number | boolean }
  | { kind: 'refused'; no: number; fault: Cause; error: Error }
  | { kind: 'closed'; no: number }

export interface WriterThreadData {
  folder: string
  /** URL of a module that exports `derive`. */
  deriveModule: string
  moves: SharedArrayBuffer
  sizes: SegmentSizes
  /** To the maintenance thread. */
  maintenance: MessagePort
}

/** As many requests as have so many calls to write go to the disk together. */
const GROUP_CALLS = 4000

const { folder, deriveModule, moves: shared, sizes, maintenance } = workerData as WriterThreadData
const port = parentPort as MessagePort
const { derive } = (await import(deriveModule)) as { derive: Derive }
const settings = new Map<string, DerivingSettings>()
const moves = new Moves(shared)
const reply = (message: WriterReply) => port.postMessage(message)
const writer = new CallWriter({
  folder,
  isPrepared: true,
  derive,
  moves,
  sizes,
  share: (no, filter) => reply({ kind: 'filter', no, filter }),
  onOverall: (bytes) => reply({ kind: 'overall', bytes }),
  settingsOf: (accountId) => {
    const found = settings.get(accountId)
    if (found === undefined) throw new Error(`the writer was not told of the account ${accountId}`)
    return found
  },
})

moves.commit(writer.lastChange)
serveMaintenance(maintenance, writer.segments, () => reply({ kind: 'map' }))

/** Everything that waits, up to a group's size: what arrives during one fsync shares the next. */
function drain(first: WriterRequest): WriterRequest[] {
  const requests = [first]
  let calls = callsOf(first)
  while (calls < GROUP_CALLS) {
    const waiting = receiveMessageOnPort(port) as { message: WriterRequest } | undefined
    if (waiting === undefined) break
    requests.push(waiting.message)
    calls += callsOf(waiting.message)
  }
  return requests
}

function callsOf(request: WriterRequest): number {
  if (request.kind !== 'write') return 0
  return 'packed' in request.job ? request.job.packed.count : request.job.callUuids.length
}

port.on('message', (first: WriterRequest) => {
  const requests = drain(first)
  const writes = requests.filter((request) => request.kind === 'write')
  if (writes.length > 0) write(writes)
  for (const request of requests) if (request.kind === 'hold') hold(request.gate)
  for (const request of requests) if (request.kind === 'keep') keep(request)
  const close = requests.find((request) => request.kind === 'close')
  if (close === undefined) return
  writer.close()
  reply({ kind: 'closed', no: close.no })
  port.close()
})

function keep({ no, work }: Extract<WriterRequest, { kind: 'keep' }>): void {
  try {
    reply({ kind: 'kept', no, outcome: writer.keep(work) })
  } catch (error) {
    if (!(error instanceof StagingError)) throw error // ends the thread, as a failed write does
    reply({ kind: 'refused', no, fault: error.fault, error })
  }
}

function hold(gate: SharedArrayBuffer): void {
  new BackupGate(gate).hold(writer.lastChange)
  writer.backedUp()
}

function write(requests: Extract<WriterRequest, { kind: 'write' }>[]): void {
  for (const request of requests) for (const [accountId, value] of request.settings) settings.set(accountId, value)
  try {
    const { outcomes, changed } = writer.write(
      requests.map(({ job }) => ('packed' in job ? { reports: unpackReports(job.packed) } : job)),
    )
    moves.commit(writer.lastChange)
    if (changed.size > 0) reply({ kind: 'committed', changed })
    for (const [at, { no }] of requests.entries()) reply({ kind: 'written', no, outcome: outcomes[at] as JobOutcome })
    if (writer.segments.takeNews()) reply({ kind: 'news' })
  } catch (error) {
    if (!(error instanceof StagingError)) throw error // ends the thread: nothing is known to be on the disk any more
    if (requests.length > 1) for (const request of requests) write([request])
    else for (const { no } of requests) reply({ kind: 'refused', no, fault: error.fault, error })
  }
}

// Before it is ready: whoever opens the store is told at once whether something is left to do.
if (!tasks(writer.segments.look(), sizes, writer.segments.overall()).next().done) reply({ kind: 'news' })
reply({ kind: 'ready' })

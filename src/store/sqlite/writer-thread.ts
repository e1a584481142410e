import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { DerivingSettings } from '../../record/account.ts'
import type { Derive } from '../call-store.ts'
import { CallWriter, type Job, type JobOutcome } from './call-writer.ts'
import { Moves } from './moves.ts'
import { StagingError } from './staging-error.ts'

/** What the store asks of its writer thread. Settings come along when they are new or have changed. */
export type WriterRequest =
  | { kind: 'write'; no: number; job: Job; settings: [string, DerivingSettings][] }
  | { kind: 'close'; no: number }

export type WriterReply =
  | { kind: 'ready' }
  /** A group is on the disk, and every read that begins now sees it: the last change of each account in it. */
  | { kind: 'committed'; changed: Map<string, number> }
  | { kind: 'written'; no: number; outcome: JobOutcome }
  | { kind: 'refused'; no: number; reason: string; reportsAtFault: boolean }
  | { kind: 'closed'; no: number }

/** As many requests as have so many calls to write go to the disk together. */
const GROUP_CALLS = 4000

const {
  folder,
  deriveModule,
  moves: shared,
} = workerData as {
  folder: string
  deriveModule: string
  moves: SharedArrayBuffer
}
const port = parentPort as MessagePort
const { derive } = (await import(deriveModule)) as { derive: Derive }
const settings = new Map<string, DerivingSettings>()
const moves = new Moves(shared)
const writer = new CallWriter({
  folder,
  derive,
  settingsOf: (accountId) => {
    const found = settings.get(accountId)
    if (found === undefined) throw new Error(`the writer was not told of the account ${accountId}`)
    return found
  },
})

moves.commit(writer.lastChange)

const reply = (message: WriterReply) => port.postMessage(message)

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
  if (request.kind === 'close') return 0
  return 'reports' in request.job ? request.job.reports.length : request.job.callUuids.length
}

port.on('message', (first: WriterRequest) => {
  const requests = drain(first)
  const writes = requests.filter((request) => request.kind === 'write')
  if (writes.length > 0) write(writes)
  const close = requests.find((request) => request.kind === 'close')
  if (close === undefined) return
  writer.close()
  reply({ kind: 'closed', no: close.no })
  port.close()
})

function write(requests: Extract<WriterRequest, { kind: 'write' }>[]): void {
  for (const request of requests) for (const [accountId, value] of request.settings) settings.set(accountId, value)
  try {
    const { outcomes, changed } = writer.write(
      requests.map(({ job }) => job),
      (phase) => moves[phase](),
    )
    moves.commit(writer.lastChange)
    if (changed.size > 0) reply({ kind: 'committed', changed })
    for (const [at, { no }] of requests.entries()) reply({ kind: 'written', no, outcome: outcomes[at] as JobOutcome })
  } catch (error) {
    if (!(error instanceof StagingError)) throw error // ends the thread: nothing is known to be on the disk any more
    if (requests.length > 1) for (const request of requests) write([request])
    else {
      const { message: reason, reportsAtFault } = error
      for (const { no } of requests) reply({ kind: 'refused', no, reason, reportsAtFault })
    }
  }
}

reply({ kind: 'ready' })

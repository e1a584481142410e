import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { AccountSettings } from '../../record/account.ts'
import type { Report } from '../../record/report.ts'
import type { Derive, Outcome } from '../call-store.ts'
import { CallWriter, StagingError } from './call-writer.ts'
import { Moves } from './moves.ts'

/** What the store asks of its writer thread. Settings come along when they are new or have changed. */
export type WriterRequest =
  | { kind: 'append'; no: number; reports: Report[]; settings: [string, AccountSettings][] }
  | { kind: 'close'; no: number }

export type WriterReply =
  | { kind: 'ready' }
  | { kind: 'appended'; no: number; outcomes: Outcome[] }
  | { kind: 'refused'; no: number; reason: string; reportsAtFault: boolean }
  | { kind: 'closed'; no: number }

/** Reports of as many requests as fit go to the disk together. */
const GROUP_REPORTS = 4000

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
const settings = new Map<string, AccountSettings>()
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

const reply = (message: WriterReply) => port.postMessage(message)

/** Everything that waits, up to a group's size: what arrives during one fsync shares the next. */
function drain(first: WriterRequest): WriterRequest[] {
  const requests = [first]
  let reports = first.kind === 'append' ? first.reports.length : 0
  while (reports < GROUP_REPORTS) {
    const waiting = receiveMessageOnPort(port) as { message: WriterRequest } | undefined
    if (waiting === undefined) break
    requests.push(waiting.message)
    if (waiting.message.kind === 'append') reports += waiting.message.reports.length
  }
  return requests
}

port.on('message', (first: WriterRequest) => {
  const requests = drain(first)
  const appends = requests.filter((request) => request.kind === 'append')
  if (appends.length > 0) append(appends)
  const close = requests.find((request) => request.kind === 'close')
  if (close === undefined) return
  writer.close()
  reply({ kind: 'closed', no: close.no })
  port.close()
})

function append(requests: Extract<WriterRequest, { kind: 'append' }>[]): void {
  for (const request of requests) for (const [accountId, value] of request.settings) settings.set(accountId, value)
  try {
    const outcomes = writer.append(
      requests.flatMap(({ reports }) => reports),
      (phase) => moves[phase](),
    )
    let at = 0
    for (const { no, reports } of requests) {
      reply({ kind: 'appended', no, outcomes: outcomes.slice(at, at + reports.length) })
      at += reports.length
    }
  } catch (error) {
    if (!(error instanceof StagingError)) throw error // ends the thread: nothing is known to be on the disk any more
    if (requests.length > 1) for (const request of requests) append([request])
    else {
      const { message: reason, reportsAtFault } = error
      for (const { no } of requests) reply({ kind: 'refused', no, reason, reportsAtFault })
    }
  }
}

reply({ kind: 'ready' })

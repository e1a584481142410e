import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { CallQuery } from '../query.ts'
import { CallReader } from './call-reader.ts'
import { Moves } from './moves.ts'
import type { FoundBy } from './row-members.ts'

export type ReaderRequest = { no: number } & (
  | { kind: 'list'; query: CallQuery }
  | { kind: 'changes'; query: { accountId: string; after: number; limit: number } }
  | { kind: 'lastChange'; accountId: string }
  | { kind: 'liveCalls' }
  | { kind: 'findByText'; key: { accountId: string; by: FoundBy; text: string } }
  | { kind: 'silent'; query: { updatedBeforeUs: number; limit: number } }
  | { kind: 'count' }
)
export type ReaderReply = { no: number; answer: unknown } | { no: number; error: unknown; matches?: number }

const { folder, moves } = workerData as { folder: string; moves: SharedArrayBuffer }
const port = parentPort as MessagePort
const reader = new CallReader({ folder, moves: new Moves(moves) })

function answer(request: ReaderRequest): unknown {
  switch (request.kind) {
    case 'list':
      return reader.list(request.query)
    case 'changes':
      return reader.changes(request.query)
    case 'lastChange':
      return reader.lastChange(request.accountId)
    case 'liveCalls':
      return reader.liveCalls()
    case 'findByText':
      return reader.findByText(request.key)
    case 'silent':
      return reader.silent(request.query)
    case 'count':
      return reader.count()
  }
}

port.on('message', (request: ReaderRequest) => {
  try {
    port.postMessage({ no: request.no, answer: answer(request) } satisfies ReaderReply)
  } catch (error) {
    const { matches } = error as { matches?: number }
    port.postMessage({ no: request.no, error, ...(matches === undefined ? {} : { matches }) } satisfies ReaderReply)
  }
})

import { type MessagePort, parentPort } from 'node:worker_threads'
import type { RawAddress } from '../raw/raw-files.ts'
import { callsOver, callsWithLinks, callsWithNumber, segmentsOver } from './found-calls.ts'
import { reportsDue, reportsWithNumber } from './found-reports.ts'
import { reportsGoingWithCalls } from './found-with-calls.ts'

/** What a search looks for, in which folder. */
export type SearchTask = { folder: string } & (
  | ({ find: 'calls with a number' } & Parameters<typeof callsWithNumber>[1])
  | ({ find: 'reports with a number' } & Parameters<typeof reportsWithNumber>[1])
  | ({ find: 'calls that are over' } & Parameters<typeof callsOver>[1])
  | ({ find: 'calls with links' } & Parameters<typeof callsWithLinks>[1])
  | ({ find: 'segments that are over' } & Parameters<typeof segmentsOver>[1])
  | ({ find: 'reports that are due' } & Parameters<typeof reportsDue>[1])
  | ({ find: 'reports that go with calls' } & Parameters<typeof reportsGoingWithCalls>[1])
)

/** What a search found next, as its kind has it, and how much it looked at since the last. */
export interface Found {
  callUuids?: string[]
  segment?: number | null
  whole?: number | null
  lastSeq?: number
  calls?: number
  raw?: RawAddress[]
  rawFile?: number
  reports?: number
  lookedAt: number
}

/** A search that begins, in the place of the one before, or the next step of it. */
export type SearchRequest = { task: SearchTask } | 'next'

const port = parentPort as MessagePort
let search: Generator<Found> | null = null

// One step for each message, so that a search never runs ahead of who works on what it finds.
port.on('message', (request: SearchRequest) => {
  if (request !== 'next') {
    search?.return(undefined)
    search = searchOf(request.task)
  }
  const step = search?.next()
  port.postMessage(step?.value ?? null)
})

function searchOf(task: SearchTask): Generator<Found> {
  switch (task.find) {
    case 'calls with a number':
      return callsWithNumber(task.folder, task)
    case 'reports with a number':
      return reportsWithNumber(task.folder, task)
    case 'calls that are over':
      return callsOver(task.folder, task)
    case 'calls with links':
      return callsWithLinks(task.folder, task)
    case 'segments that are over':
      return segmentsOver(task.folder, task)
    case 'reports that are due':
      return reportsDue(task.folder, task)
    case 'reports that go with calls':
      return reportsGoingWithCalls(task.folder, task)
  }
}

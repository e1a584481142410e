import { constants, platform, setPriority } from 'node:os'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { SegmentSizes } from '../folder/segment-sizes.ts'
import { type Failure, Maintenance, Stopped } from './maintenance.ts'
import type { Task } from './maintenance-task.ts'
import { writerSide } from './writer-side.ts'

export type MaintenanceRequest =
  | { kind: 'vacuum'; no: number; segment: number }
  | { kind: 'drop'; no: number; segment: number; lastSeq: number }
  /** There is something to do. */
  | { kind: 'news' }
  | { kind: 'close' }

export type MaintenanceReply =
  | { kind: 'state'; task: Task | null; failed: Failure | null }
  /** Everything is done that there was to do when so many `news` had come; whether some of it has to wait. */
  | { kind: 'rested'; news: number; isDue: boolean }
  | { kind: 'done'; no: number; done: boolean }
  | { kind: 'failed'; no: number; message: string }

const given = workerData as { folder: string; sizes: SegmentSizes; writer: MessagePort; stop: SharedArrayBuffer }
const port = parentPort as MessagePort
const reply = (message: MaintenanceReply) => port.postMessage(message)
const stop = new Int32Array(given.stop)
/** Calls that arrive and questions go before; on Linux a thread has a priority of its own. */
if (platform() === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const maintenance = new Maintenance({
  folder: given.folder,
  sizes: given.sizes,
  writer: writerSide(given.writer),
  nowUs: () => Date.now() * 1000,
  step: () => {
    if (Atomics.load(stop, 0) === 1) throw new Stopped()
  },
  report: (state) => reply({ kind: 'state', ...state }),
})

/** One thing after the other. */
let last: Promise<void> = Promise.resolve()
let timer: NodeJS.Timeout | null = null
let isRunWaiting = false
let news = 0

function later(work: () => Promise<void>): void {
  if (work === run && isRunWaiting) return
  if (work === run) isRunWaiting = true
  last = last.then(work).catch((error) => {
    if (!(error instanceof Stopped)) throw error
  })
}

async function run(): Promise<void> {
  isRunWaiting = false
  if (timer !== null) clearTimeout(timer)
  const heard = news
  const againMs = await maintenance.run()
  reply({ kind: 'rested', news: heard, isDue: againMs !== null })
  timer = againMs === null ? null : setTimeout(() => later(run), againMs)
}

async function asked(request: Extract<MaintenanceRequest, { no: number }>): Promise<void> {
  const { no, segment } = request
  try {
    const isVacuum = request.kind === 'vacuum'
    const done = await (isVacuum ? maintenance.vacuum(segment) : maintenance.drop(segment, request.lastSeq))
    reply({ kind: 'done', no, done })
  } catch (error) {
    reply({ kind: 'failed', no, message: (error as Error).message })
    if (error instanceof Stopped) throw error
  }
}

port.on('message', (request: MaintenanceRequest) => {
  if (request.kind === 'news') {
    news += 1
    later(run)
  } else if (request.kind === 'close') last.then(end)
  else later(() => asked(request))
})

function end(): void {
  if (timer !== null) clearTimeout(timer)
  maintenance.close()
  given.writer.close()
  port.close()
}

later(run)

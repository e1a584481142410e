import type { MessagePort } from 'node:worker_threads'
import { isSyncError } from '../folder/disk-error.ts'
import { type Served, Stopped, type WriterSide } from './maintenance.ts'
import type { OpenSegments } from './open-segments.ts'

/** What the maintenance thread asks of the writer's. */
export interface ToWriter {
  no: number
  name: Served
  args: unknown[]
}

/** What it is answered. */
export type FromWriter =
  | { kind: 'answer'; no: number; answer: unknown }
  | { kind: 'failed'; no: number; message: string; errcode: number | undefined }

const SERVED: Record<Served, true> = {
  look: true,
  beginFilling: true,
  endFilling: true,
  overall: true,
  beginOverall: true,
  endOverall: true,
  setLife: true,
  beginRewrite: true,
  takeTouches: true,
  swap: true,
  closeRetired: true,
  abandonRewrite: true,
  beginDrop: true,
  drop: true,
  roll: true,
}

/** The writer behind a port. Asking one that is gone rejects with `Stopped`. */
export function writerSide(port: MessagePort): WriterSide {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let last = 0
  port.on('message', (message: FromWriter) => {
    const asked = waiting.get(message.no)
    waiting.delete(message.no)
    if (message.kind === 'answer') asked?.resolve(message.answer)
    else asked?.reject(Object.assign(new Error(message.message), { errcode: message.errcode }))
  })
  let isGone = false
  port.on('close', () => {
    isGone = true
    for (const { reject } of waiting.values()) reject(new Stopped('the writer is gone'))
  })
  const ask = (name: Served, args: unknown[]) =>
    new Promise((resolve, reject) => {
      if (isGone) throw new Stopped('the writer is gone')
      last += 1
      waiting.set(last, { resolve, reject })
      port.postMessage({ no: last, name, args } satisfies ToWriter)
    })
  const names = Object.keys(SERVED) as Served[]
  return Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => ask(name, args)])) as WriterSide
}

/** What takes segments out of the map. */
const TAKES_OUT: ReadonlySet<Served> = new Set(['swap', 'drop'])

/**
 * Answers the maintenance thread from the writer's segments, between two groups, and tells when segments may have been taken
 * out of the map. Throws where nobody knows any more what
 * is on the disk.
 */
export function serveMaintenance(port: MessagePort, segments: OpenSegments, onTakenOut: () => void): void {
  port.on('message', ({ no, name, args }: ToWriter) => {
    try {
      const method = segments[name] as (...args: unknown[]) => unknown
      const answer = method.apply(segments, args)
      if (TAKES_OUT.has(name)) onTakenOut()
      port.postMessage({ kind: 'answer', no, answer } satisfies FromWriter)
    } catch (error) {
      if (isSyncError(error)) throw error
      const { message, errcode } = error as Error & { errcode?: number }
      port.postMessage({ kind: 'failed', no, message, errcode } satisfies FromWriter)
    }
  })
}

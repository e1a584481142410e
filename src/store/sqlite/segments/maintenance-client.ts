import type { MessagePort } from 'node:worker_threads'
import { Worker } from 'node:worker_threads'
import type { SegmentSizes } from '../folder/segment-sizes.ts'
import type { Failure } from './maintenance.ts'
import type { Task } from './maintenance-task.ts'
import type { MaintenanceReply, MaintenanceRequest } from './maintenance-thread.ts'

/** What the maintenance thread is at, and what it failed at last since the store was opened. */
export interface MaintenanceState {
  task: Task | null
  /** There is something to do, now or within a minute, or again because it failed. */
  isDue: boolean
  failed: Failure | null
  /** Tasks that were begun and did not fail, since the store was opened; and those that failed. */
  done: number
  failures: number
}

/** The maintenance thread, which is started when there is something for it to do. */
export class MaintenanceClient {
  readonly #given: { folder: string; sizes: SegmentSizes; writer: MessagePort; onFailure: (error: Error) => void }
  readonly #stop = new SharedArrayBuffer(4)
  readonly #waiting = new Map<number, { resolve(done: boolean): void; reject(error: Error): void }>()
  #worker: Worker | null = null
  #closed = false
  #no = 0
  #news = 0
  #state: MaintenanceState = { task: null, isDue: false, failed: null, done: 0, failures: 0 }

  /** `writer` is a port to the writer's thread; it is handed on. */
  constructor(given: {
    folder: string
    sizes: SegmentSizes
    writer: MessagePort
    /** The thread ended by an error that it did not expect. */
    onFailure: (error: Error) => void
  }) {
    this.#given = given
  }

  get state(): MaintenanceState {
    return this.#state
  }

  /** There is something to do. */
  wake(): void {
    if (this.#closed) return
    this.#state = { ...this.#state, isDue: true }
    if (this.#worker === null) this.#start()
    this.#news += 1
    this.#worker?.postMessage({ kind: 'news' } satisfies MaintenanceRequest)
  }

  /** Writes a segment anew, so that what is gone from it takes no room. False where there is none, or not now. */
  vacuum(segment: number): Promise<boolean> {
    return this.#ask((no) => ({ kind: 'vacuum', no, segment }))
  }

  /**
   * Takes a segment away with all its calls. False where there is none, it is the only one, or a call in it has changed
   * after the change `lastSeq`: whoever looked at all of them saw none later.
   */
  drop(segment: number, lastSeq: number): Promise<boolean> {
    return this.#ask((no) => ({ kind: 'drop', no, segment, lastSeq }))
  }

  /** Leaves what is under way as it is; the next start clears up. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    Atomics.store(new Int32Array(this.#stop), 0, 1)
    const worker = this.#worker
    if (worker === null) {
      this.#given.writer.close()
      return
    }
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'close' } satisfies MaintenanceRequest)
    await exited
  }

  #start(): Worker {
    const { folder, sizes, writer, onFailure } = this.#given
    const worker = new Worker(new URL('./maintenance-thread.ts', import.meta.url), {
      workerData: { folder, sizes, writer, stop: this.#stop },
      transferList: [writer],
    })
    worker.on('message', (reply: MaintenanceReply) => this.#hear(reply))
    worker.on('error', (error) => onFailure(error as Error))
    worker.on('exit', () => this.#rejectAll())
    worker.unref()
    this.#worker = worker
    return worker
  }

  #ask(request: (no: number) => MaintenanceRequest): Promise<boolean> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'))
    const worker = this.#worker ?? this.#start()
    const no = ++this.#no
    return new Promise((resolve, reject) => {
      this.#waiting.set(no, { resolve, reject })
      worker.postMessage(request(no))
    })
  }

  #hear(reply: MaintenanceReply): void {
    if (reply.kind === 'state') {
      const { task: was, isDue, failed, done, failures } = this.#state
      this.#state = {
        isDue,
        task: reply.task,
        failed: reply.failed ?? failed,
        done: done + Number(was !== null && reply.failed === null),
        failures: failures + Number(reply.failed !== null),
      }
      return
    }
    if (reply.kind === 'rested') {
      this.#state = { ...this.#state, isDue: reply.isDue || reply.news < this.#news }
      return
    }
    const asked = this.#waiting.get(reply.no)
    this.#waiting.delete(reply.no)
    if (reply.kind === 'done') asked?.resolve(reply.done)
    else asked?.reject(new Error(reply.message))
  }

  #rejectAll(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the store is closed'))
    this.#waiting.clear()
  }
}

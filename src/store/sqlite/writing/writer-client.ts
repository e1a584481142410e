import { type MessagePort, Worker } from 'node:worker_threads'
import type { DerivingSettings } from '../../../record/account.ts'
import { DiskRefusedError, ReportsRefusedError, type SettingsOf } from '../../call-store.ts'
import type { KeepingWork } from '../forgetting/keeping-work.ts'
import type { SentJob, WriterNotice, WriterReply, WriterRequest, WriterThreadData } from './writer-thread.ts'

/** A request whose answer is awaited; `reports` is how many it brings. */
interface Asked {
  reports: number
  resolve(outcome: never): void
  reject(error: unknown): void
}

/** The writer's thread, as the store sees it: what it is asked, and what it has not answered yet. */
export class WriterClient {
  readonly #worker: Worker
  readonly #settingsOf: SettingsOf
  readonly #onNotice: (notice: WriterNotice) => void
  readonly #ready = Promise.withResolvers<void>()
  readonly #waiting = new Map<number, Asked>()
  readonly #told = new Map<string, DerivingSettings>()
  #no = 0
  #waitingReports = 0

  /** `maintenance` is a port to the maintenance thread; it is handed on. */
  constructor(given: {
    thread: Omit<WriterThreadData, 'maintenance'>
    maintenance: MessagePort
    settingsOf: SettingsOf
    onNotice: (notice: WriterNotice) => void
    /** The thread ended by an error that it did not expect. */
    onFailure: (error: Error) => void
  }) {
    const { thread, maintenance, settingsOf, onNotice, onFailure } = given
    this.#settingsOf = settingsOf
    this.#onNotice = onNotice
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      workerData: { ...thread, maintenance } satisfies WriterThreadData,
      transferList: [maintenance],
    })
    this.#worker.on('message', (reply: WriterReply) => this.#hear(reply))
    this.#worker.on('error', (error) => onFailure(error as Error))
  }

  /** Resolves once the thread has opened its files. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Reports that were sent and are not known to be on the disk. */
  get waitingReports(): number {
    return this.#waitingReports
  }

  /** `asked` names the accounts of the job, whose settings go with it where the thread does not have them yet. */
  write<T>(job: SentJob, asked: readonly { accountId: string }[]): Promise<T> {
    const reports = 'packed' in job ? job.packed.count : 0
    return this.#ask<T>({ kind: 'write', no: 0, job, settings: this.#news(asked) }, reports)
  }

  keep(work: KeepingWork): Promise<number | boolean> {
    return this.#ask<number | boolean>({ kind: 'keep', no: 0, work })
  }

  /** Has the thread stand still at this gate. */
  hold(gate: SharedArrayBuffer): void {
    this.#worker.postMessage({ kind: 'hold', no: 0, gate } satisfies WriterRequest)
  }

  /** Rejects all that wait: nothing is answered any more. */
  rejectAll(error: Error): void {
    this.#ready.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  /** Does what was asked before, and closes the files. */
  close(): Promise<void> {
    return this.#ask<void>({ kind: 'close', no: 0 })
  }

  /** Ends the thread, whatever it is at. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Settings of these accounts that the thread does not have yet. */
  #news(asked: readonly { accountId: string }[]): [string, DerivingSettings][] {
    const news: [string, DerivingSettings][] = []
    for (const { accountId } of asked) {
      const settings = this.#settingsOf(accountId)
      if (this.#told.get(accountId) === settings) continue
      this.#told.set(accountId, settings)
      news.push([accountId, settings])
    }
    return news
  }

  #ask<T>(request: WriterRequest, reports = 0): Promise<T> {
    const no = ++this.#no
    this.#waitingReports += reports
    const asked = Promise.withResolvers<T>()
    this.#waiting.set(no, { reports, resolve: asked.resolve as (outcome: never) => void, reject: asked.reject })
    this.#worker.postMessage({ ...request, no })
    return asked.promise
  }

  #hear(reply: WriterReply): void {
    switch (reply.kind) {
      case 'ready':
        this.#ready.resolve()
        return
      case 'written':
      case 'kept':
        this.#take(reply.no)?.resolve(reply.outcome as never)
        return
      case 'closed':
        this.#take(reply.no)?.resolve(undefined as never)
        return
      case 'refused':
        this.#take(reply.no)?.reject(refusal(reply))
        return
      default:
        this.#onNotice(reply)
    }
  }

  /** Takes a request off those that wait; null where all were rejected meanwhile. */
  #take(no: number): Asked | null {
    const asked = this.#waiting.get(no)
    if (asked === undefined) return null
    this.#waiting.delete(no)
    this.#waitingReports -= asked.reports
    return asked
  }
}

function refusal({ fault, error }: Extract<WriterReply, { kind: 'refused' }>): Error {
  if (fault === 'us') return error
  return fault === 'disk' ? new DiskRefusedError(error.message) : new ReportsRefusedError(error.message)
}

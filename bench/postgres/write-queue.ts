import type { Worker } from 'node:worker_threads'
import type { AccountSettings } from '../../src/record/account.ts'
import type { Report } from '../../src/record/report.ts'
import { type Outcome, type SettingsOf, StoreBusyError } from '../../src/store/call-store.ts'
import type { GroupToWrite, WriterAnswer } from './writer-thread.ts'

/** As many reports as our own writer puts into one commit, and as many as it lets wait. */
const GROUP_REPORTS = 4000
const WAITING_REPORTS = 100_000

interface Waiting {
  reports: readonly Report[]
  resolve(outcomes: Outcome[]): void
  reject(error: unknown): void
}

/** Reports on their way to the writer thread: what arrives while one group is being committed shares the next. */
export class WriteQueue {
  readonly #writer: Worker
  readonly #settingsOf: SettingsOf
  readonly #told = new Map<string, AccountSettings>()
  #queue: Waiting[] = []
  #reports = 0
  #draining: Promise<void> | null = null

  constructor({ writer, settingsOf }: { writer: Worker; settingsOf: SettingsOf }) {
    this.#writer = writer
    this.#settingsOf = settingsOf
  }

  get waitingReports(): number {
    return this.#reports
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    if (reports.length === 0) return []
    if (this.#reports + reports.length > WAITING_REPORTS && this.#reports > 0) throw new StoreBusyError()
    this.#reports += reports.length
    const outcomes = new Promise<Outcome[]>((resolve, reject) => this.#queue.push({ reports, resolve, reject }))
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null
    })
    return outcomes
  }

  /** Finishes what was accepted, then ends the thread. */
  async close(): Promise<void> {
    await this.#draining
    this.#writer.postMessage('close')
    await new Promise((resolve) => this.#writer.once('exit', resolve))
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#nextGroup()
      try {
        const outcomes = await this.#write(group.flatMap(({ reports }) => reports))
        let at = 0
        for (const { reports, resolve } of group) {
          resolve(outcomes.slice(at, at + reports.length))
          at += reports.length
        }
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      for (const { reports } of group) this.#reports -= reports.length
    }
  }

  async #write(reports: Report[]): Promise<Outcome[]> {
    const settings: [string, AccountSettings][] = []
    for (const accountId of new Set(reports.map((report) => report.accountId))) {
      const current = this.#settingsOf(accountId)
      if (this.#told.get(accountId) === current) continue
      this.#told.set(accountId, current)
      settings.push([accountId, current])
    }
    const answer = answerOf(this.#writer)
    this.#writer.postMessage({ reports, settings } satisfies GroupToWrite)
    const written = await answer
    if (written === 'ready' || 'error' in written) throw written === 'ready' ? new Error(written) : written.error
    return written.outcomes
  }

  #nextGroup(): Waiting[] {
    let reports = 0
    let requests = 0
    while (requests < this.#queue.length && reports < GROUP_REPORTS)
      reports += (this.#queue[requests++] as Waiting).reports.length
    return this.#queue.splice(0, requests)
  }
}

/** The thread's next answer; it is never asked two things at once. */
export function answerOf(writer: Worker): Promise<WriterAnswer> {
  return new Promise((resolve, reject) => {
    writer.once('error', reject)
    writer.once('message', (answer: WriterAnswer) => {
      writer.off('error', reject)
      resolve(answer)
    })
  })
}

import type { Worker } from 'node:worker_threads'
import type { DerivingSettings } from '../../src/record/account.ts'
import type { Report } from '../../src/record/report.ts'
import { type Outcome, type SettingsOf, StoreBusyError } from '../../src/store/call-store.ts'
import type { Done, Task, WriterAnswer } from './writer-thread.ts'

/** As many reports as our own writer puts into one commit, and as many as it lets wait. */
const GROUP_REPORTS = 4000
const WAITING_REPORTS = 100_000

type Rederivation = Omit<Extract<Task, { kind: 'rederive' }>, 'kind' | 'settings'>

interface Waiting {
  reports: readonly Report[]
  /** Alone in its group, and without reports. */
  rederivation: Rederivation | null
  resolve(done: Done): void
  reject(error: unknown): void
}

/** Reports on their way to the writer thread: what arrives while one group is being committed shares the next. */
export class WriteQueue {
  readonly #writer: Worker
  readonly #settingsOf: SettingsOf
  readonly #told = new Map<string, DerivingSettings>()
  readonly #listeners = new Set<(changed: ReadonlyMap<string, number>) => void>()
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

  watch(listener: (changed: ReadonlyMap<string, number>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async append(reports: readonly Report[]): Promise<Outcome[]> {
    if (reports.length === 0) return []
    if (this.#reports + reports.length > WAITING_REPORTS && this.#reports > 0) throw new StoreBusyError()
    return (await this.#put(reports, null)).outcomes
  }

  async rederive(rederivation: Rederivation): Promise<number> {
    if (rederivation.callUuids.length === 0) return 0
    return (await this.#put([], rederivation)).changedCalls
  }

  /** Finishes what was accepted, then ends the thread. */
  async close(): Promise<void> {
    await this.#draining
    this.#writer.postMessage('close')
    await new Promise((resolve) => this.#writer.once('exit', resolve))
  }

  #put(reports: readonly Report[], rederivation: Rederivation | null): Promise<Done> {
    this.#reports += reports.length
    const done = new Promise<Done>((resolve, reject) => this.#queue.push({ reports, rederivation, resolve, reject }))
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null
    })
    return done
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#nextGroup()
      try {
        const done = await this.#write(group)
        if (done.changed.size > 0) for (const listener of this.#listeners) listener(done.changed)
        let at = 0
        for (const { reports, resolve } of group) {
          resolve({ ...done, outcomes: done.outcomes.slice(at, at + reports.length) })
          at += reports.length
        }
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      for (const { reports } of group) this.#reports -= reports.length
    }
  }

  async #write(group: readonly Waiting[]): Promise<Done> {
    const rederivation = group[0]?.rederivation ?? null
    const reports = group.flatMap((waiting) => waiting.reports)
    const settings = this.#news(rederivation === null ? reports : [rederivation])
    const answer = answerOf(this.#writer)
    const task: Task =
      rederivation === null ? { kind: 'append', reports, settings } : { kind: 'rederive', ...rederivation, settings }
    this.#writer.postMessage(task)
    const written = await answer
    if (written === 'ready' || 'error' in written) throw written === 'ready' ? new Error(written) : written.error
    return written
  }

  /** Settings that the thread has not been told yet. */
  #news(of: readonly { accountId: string }[]): [string, DerivingSettings][] {
    const settings: [string, DerivingSettings][] = []
    for (const accountId of new Set(of.map((one) => one.accountId))) {
      const current = this.#settingsOf(accountId)
      if (this.#told.get(accountId) === current) continue
      this.#told.set(accountId, current)
      settings.push([accountId, current])
    }
    return settings
  }

  #nextGroup(): Waiting[] {
    const [first] = this.#queue
    if (first?.rederivation) return this.#queue.splice(0, 1)
    let reports = 0
    let requests = 0
    for (; requests < this.#queue.length && reports < GROUP_REPORTS; requests += 1) {
      const waiting = this.#queue[requests] as Waiting
      if (waiting.rederivation !== null) break
      reports += waiting.reports.length
    }
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

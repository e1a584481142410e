import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import { ServerProcess } from '../support/server-process.ts'
import { uuidOf } from '../support/varied-calls.ts'
import { Faults } from './faults.ts'

interface Line {
  callUuid: string
  text: string
}

/** A real server on a folder of its own with faults under it, and what it was sent and said that it has. */
export class ServedCalls {
  readonly folder: string
  readonly faults: Faults
  readonly #own: string
  readonly #acknowledged: Line[] = []
  readonly #unanswered: Line[] = []
  #server: ServerProcess | null = null
  #ordinal = 0
  /** When the last answer said to come back. */
  retryAfter: string | null = null

  constructor(options: { journal?: number; clock?: boolean } = {}) {
    this.#own = mkdtempSync(join(tmpdir(), 'calltrail-faulty-'))
    this.folder = join(this.#own, 'data')
    this.faults = new Faults(this.folder, options)
  }

  get server(): ServerProcess {
    assert.ok(this.#server)
    return this.#server
  }

  get acknowledgedCalls(): number {
    return new Set(this.#acknowledged.map(({ callUuid }) => callUuid)).size
  }

  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#server = await ServerProcess.start(this.folder, [], { ...this.faults.environment, ...environment })
  }

  /**
   * Sends that many calls in one request, every second one live where `live` is set, and ends a live one that it sent
   * before where `ends` is. The answer's status, or 0 where there was none because the server ended.
   */
  async send(calls: number, { live = false, ends = false } = {}): Promise<number> {
    const lines = Array.from({ length: calls }, () =>
      newCall(++this.#ordinal, { live: live && this.#ordinal % 2 === 0 }),
    )
    if (ends) lines.push(...this.#liveCalls().slice(0, calls).map(endOf))
    return this.#send(lines)
  }

  /** What the server did not answer for with 200 is sent again. */
  async sendAgain(): Promise<number> {
    return this.#send(this.#unanswered.splice(0))
  }

  async #send(lines: Line[]): Promise<number> {
    const answer = await this.server.send(lines.map(({ text }) => text).join('\n')).catch(() => null)
    this.retryAfter = answer?.headers.get('retry-after') ?? null
    const body = answer === null ? null : ((await answer.json().catch(() => null)) as { rejected?: unknown[] } | null)
    if (answer?.status === 200 && body !== null) {
      assert.deepEqual(body.rejected, [])
      this.#acknowledged.push(...lines)
    } else this.#unanswered.push(...lines)
    return answer?.status ?? 0
  }

  #liveCalls(): Line[] {
    const ended = new Set(
      [...this.#acknowledged, ...this.#unanswered]
        .filter(({ text }) => text.includes('ended_at'))
        .map((line) => line.callUuid),
    )
    return this.#acknowledged.filter(({ callUuid }) => !ended.has(callUuid))
  }

  /**
   * Every call that the server has, by an export: each once, none that was not sent, every acknowledged report in it, and
   * of each call either all of a report that was not acknowledged or nothing. How many calls there are.
   */
  async check(): Promise<number> {
    const exported = await this.server.ask('/calls/export?legs=all')
    assert.equal(exported.status, 200)
    const text = (await exported.text()).trimEnd()
    const calls = new Map<string, Record<string, unknown>>()
    for (const line of text === '' ? [] : text.split('\n')) {
      const call = JSON.parse(line) as Record<string, unknown>
      const callUuid = call.call_uuid as string
      assert.ok(!calls.has(callUuid), `${callUuid} is there twice`)
      calls.set(callUuid, call)
    }
    for (const line of this.#acknowledged) this.#checkOne(line, calls.get(line.callUuid))
    const sent = new Set([...this.#acknowledged, ...this.#unanswered].map(({ callUuid }) => callUuid))
    for (const callUuid of calls.keys()) assert.ok(sent.has(callUuid), `${callUuid} was never sent`)
    const total = (await (await this.server.ask('/calls?legs=all&limit=1')).json()) as { total: number }
    assert.equal(total.total, calls.size)
    return calls.size
  }

  #checkOne({ callUuid, text }: Line, call: Record<string, unknown> | undefined): void {
    assert.ok(call, `${callUuid} was acknowledged and is gone`)
    const told = JSON.parse(text) as { ended_at?: string; user_data?: string }
    if (told.ended_at !== undefined) assert.equal(call.state, 'ended', callUuid)
    if (told.user_data !== undefined) assert.equal(call.user_data, told.user_data)
  }

  /** The findings of an examination of the whole folder that are not as they should be. The server may be running. */
  problems(): string[] {
    return [...examineFolder(this.folder, { full: true })]
      .filter(({ level, check }) => level === 'problem' && check !== 'disk')
      .map(({ check, what }) => `${check}: ${what}`)
  }

  /** Ends what runs and removes everything. */
  async remove(): Promise<void> {
    await this.#server?.end('SIGKILL')
    this.faults.remove()
    rmSync(this.#own, { recursive: true })
  }
}

function newCall(ordinal: number, { live }: { live: boolean }): Line {
  const callUuid = uuidOf(ordinal)
  const body = {
    call_uuid: callUuid,
    kind: live ? 'start' : 'cdr',
    started_at: timeOf(ordinal),
    ...(live ? {} : { ended_at: timeOf(ordinal + 180) }),
    user_data: `call ${ordinal}`,
  }
  return { callUuid, text: JSON.stringify(body) }
}

/** Seconds after a time of the past. */
function timeOf(seconds: number): string {
  return new Date(Date.UTC(2024, 0, 15, 14) + seconds * 1000).toISOString()
}

function endOf({ callUuid }: Line): Line {
  return { callUuid, text: JSON.stringify({ call_uuid: callUuid, kind: 'end', ended_at: '2024-01-16T14:40:00Z' }) }
}

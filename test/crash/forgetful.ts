import assert from 'node:assert/strict'
import type { Console } from '../../src/cli/console.ts'
import { runInServer } from '../../src/cli/control/control-client.ts'
import { defaultSettings } from '../../src/record/account.ts'
import { openSqliteDirectory } from '../../src/store/sqlite/directory/directory.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import type { ServerProcess } from '../support/server-process.ts'

const ACCOUNT = 'MAFORGETFUL000000000'
const KEY = 'ct_key_of_the_forgetful_account'
const DAY_MS = 86_400_000
const CALL_DAYS = 100
const BATCH = 20

/** A console that keeps what a command complains of. */
function listening(): { console: Console; said: string[] } {
  const said: string[] = []
  const console: Console = {
    out: async () => {},
    say: (line) => void said.push(line),
    progress: () => {},
    async *stdin() {},
    signal: new AbortController().signal,
  }
  return { console, said }
}

/** An account that keeps its calls for a hundred days from time to time: half of those that it is sent are older, and go. */
export class Forgetful {
  readonly #folder: string
  /** Of the calls that were acknowledged, whether they are too old. */
  readonly #acknowledged = new Map<string, boolean>()
  readonly #gone = new Set<string>()
  #ordinal = 0
  /** Runs that came to their end. */
  runs = 0
  #wake: (() => void) | null = null

  /** Makes the account in a folder that is not being served. */
  constructor(folder: string) {
    this.#folder = folder
    const directory = openSqliteDirectory({ path: folderPaths(folder).meta, now: () => Date.now() * 1000 })
    directory.createAccount({ id: ACCOUNT, settings: defaultSettings('Forgetful') })
    directory.createKey({ accountId: ACCOUNT, name: 'test', scopes: ['read', 'ingest', 'admin'], secret: KEY })
    directory.close()
  }

  get acknowledgedCalls(): number {
    return this.#acknowledged.size
  }

  get goneCalls(): number {
    return this.#gone.size
  }

  /** Resolves when another run has come to its end. */
  nextRun(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Batch after batch, and a run after some of them, until the server is gone. */
  async run(server: ServerProcess): Promise<void> {
    for (;;) {
      // While it keeps them for so many days, older ones are refused.
      if (!(await this.#keepFor(server, null))) return
      for (let batch = 0; batch < 3; batch += 1) if (!(await this.#send(server))) return
      if (!(await this.#keepFor(server, CALL_DAYS))) return
      if (!(await this.#retain())) return
    }
  }

  async #keepFor(server: ServerProcess, callDays: number | null): Promise<boolean> {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ retention: { call_days: callDays, raw_days: null, recording_days: null } })
    const status = await server.ask('/account', { method: 'PATCH', headers, body }).then(
      (answer) => answer.status,
      () => null,
    )
    if (status !== null) assert.equal(status, 200)
    return status !== null
  }

  /** What is not too old is there, once, and what a run has let go is not. */
  async check(server: ServerProcess): Promise<void> {
    const exported = await server.ask('/calls/export?legs=all', { headers: { authorization: `Bearer ${KEY}` } })
    assert.equal(exported.status, 200)
    const text = (await exported.text()).trimEnd()
    const found =
      text === '' ? [] : text.split('\n').map((line) => (JSON.parse(line) as { call_uuid: string }).call_uuid)
    const there = new Set(found)
    assert.equal(there.size, found.length, 'calls of the forgetful account are there twice')
    for (const callUuid of this.#gone) assert.ok(!there.has(callUuid), `${callUuid} was let go and is there`)
    for (const [callUuid, isOld] of this.#acknowledged)
      assert.ok(isOld || there.has(callUuid), `${callUuid} was acknowledged and is gone`)
  }

  async #send(server: ServerProcess): Promise<boolean> {
    const calls = Array.from({ length: BATCH }, () => {
      this.#ordinal += 1
      const isOld = this.#ordinal % 2 === 0
      const startedMs = Date.now() - (isOld ? 400 : 10) * DAY_MS + this.#ordinal
      return { callUuid: `00000000-0000-4000-9000-${String(this.#ordinal).padStart(12, '0')}`, isOld, startedMs }
    })
    const lines = calls.map(({ callUuid, startedMs }) =>
      JSON.stringify({ call_uuid: callUuid, started_at: timeOf(startedMs), ended_at: timeOf(startedMs + 60_000) }),
    )
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' }
    const answer = await server
      .ask('/calls', { method: 'POST', headers, body: lines.join('\n') })
      .then(async (response) => ({ status: response.status, body: (await response.json()) as { stored: number } }))
      .catch(() => null)
    if (answer === null) return false
    assert.deepEqual([answer.status, answer.body.stored], [200, BATCH])
    for (const { callUuid, isOld } of calls) this.#acknowledged.set(callUuid, isOld)
    return true
  }

  /** Whether the run came to its end. */
  async #retain(): Promise<boolean> {
    const due = [...this.#acknowledged].filter(([, isOld]) => isOld).map(([callUuid]) => callUuid)
    const argv = ['retention', '--yes', '--data', this.#folder]
    const { console, said } = listening()
    const code = await runInServer(this.#folder, { argv, cwd: this.#folder, stdin: false }, console).catch(() => null)
    if (code === null) return false
    assert.equal(code, 0, said.join('\n'))
    this.runs += 1
    this.#wake?.()
    for (const callUuid of due) {
      this.#gone.add(callUuid)
      this.#acknowledged.delete(callUuid)
    }
    return true
  }
}

function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

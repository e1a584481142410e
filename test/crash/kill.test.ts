import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { examineFolder } from '../../src/store/sqlite/doctor/doctor.ts'
import { SEED } from '../support/seed.ts'
import { Seeded } from '../support/seeded.ts'
import { ServerProcess } from '../support/server-process.ts'
import { Forgetful } from './forgetful.ts'
import { Load } from './load.ts'
import { readOn } from './readers.ts'

/** `CALLTRAIL_TEST_KILLS=100` is what the whole gate asks for, and 1000 takes an hour. */
const ALL_KILLS = Number(process.env.CALLTRAIL_TEST_KILLS ?? 4)
/** The more lies in a folder, the longer an erasure of it takes: after so many kills another one is begun. */
const KILLS_A_FOLDER = 100
const CONNECTIONS = 4
const LOOKED_UP = 25
/** Every so many kills an erasure and a run of the retention come to their ends, and what the forgetful account has is looked at. */
const SOME_KILLS = 5
const SMALL_SEGMENTS = { NODE_OPTIONS: `--import=${new URL('./small-segments.ts', import.meta.url)}` }

interface Call {
  id: number
  call_uuid: string
  state: string
  user_data: string | null
  change_seq: number
  started_at: string
}

for (let before = 0; before < ALL_KILLS; before += KILLS_A_FOLDER)
  describe(`a server that is killed under load, folder ${before / KILLS_A_FOLDER + 1}`, () =>
    killed(Math.min(KILLS_A_FOLDER, ALL_KILLS - before), SEED + before))

function killed(kills: number, seed: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-kill-'))
  const start = () => ServerProcess.start(folder, [], SMALL_SEGMENTS)
  after(() => rmSync(folder, { recursive: true }))

  it(`has every acknowledged call, once, after each of ${kills} kills`, {
    timeout: 20_000 * kills + 60_000,
  }, async (t) => {
    t.diagnostic(`seed ${seed}`)
    const random = new Seeded(seed)
    const load = new Load(random)
    const seen = new Checked(load)
    let server = await start()
    await server.end('SIGTERM')
    const forgetful = new Forgetful(folder)
    server = await start()
    let waitedMs = 0
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        const isSome = kill % SOME_KILLS === SOME_KILLS - 1
        const connections = Array.from({ length: CONNECTIONS }, () => load.run(server))
        const forgetting = forgetful.run(server)
        const others = [readOn(server), forgetting]
        const erasing = erase(server, load)
        await Promise.race([load.answers(random.integer(1, 12)), Promise.all(connections)])
        if (isSome) await Promise.all([erasing, Promise.race([forgetful.nextRun(), forgetting])])
        await setTimeout(random.integer(0, 40)) // anywhere between two answers, a commit included
        await server.end('SIGKILL')
        await Promise.all([...connections, ...others, erasing])
        const killedAt = performance.now()
        server = await start()
        waitedMs += performance.now() - killedAt
        await seen.check(server, load.newRound(), random)
        if (isSome) await forgetful.check(server)
      }
      await forgetful.check(server)
      await seen.checkAll(server)
      t.diagnostic(
        `${kills} kills, ${load.acknowledgedCalls} of ${load.told.size} calls acknowledged, ` +
          `${seen.unacknowledged} more found that had been on their way, ` +
          `${Math.round(waitedMs / kills)} ms to start again; ${forgetful.runs} runs let ${forgetful.goneCalls} calls go; ` +
          `${load.erasures} numbers erased; ${segmentsOf(folder)} segments`,
      )
      await server.end('SIGTERM')
      server = await start()
      await seen.checkAll(server)
    } finally {
      await server.end('SIGKILL')
    }
    const problems = [...examineFolder(folder, { full: true })].filter(({ level }) => level === 'problem')
    assert.deepEqual(problems, [])
  })
}

/** Erases a number, the one that was not brought to its end first. */
async function erase(server: ServerProcess, load: Load): Promise<void> {
  const number = load.numberToErase()
  if (number === null) return
  load.noteErasure(number, 'begun')
  const body = JSON.stringify({ number, reason: 'it was asked for' })
  const headers = { 'content-type': 'application/json' }
  const answer = await server.ask('/erasures', { method: 'POST', headers, body }).catch(() => null)
  if (answer === null) return
  const text = await answer.text().catch(() => '')
  assert.equal(answer.status, 201, text)
  load.noteErasure(number, 'done')
}

function segmentsOf(folder: string): number {
  return readdirSync(join(folder, 'segments')).filter((name) => name.endsWith('.db')).length
}

/** What the server has, against what it said that it has. */
class Checked {
  readonly #load: Load
  #after = 0
  readonly #ids = new Map<string, number>()
  unacknowledged = 0

  constructor(load: Load) {
    this.#load = load
  }

  /** What changed since the last check, by the change sequence; some of it by UUID, with its reports; the total. */
  async check(server: ServerProcess, round: ReadonlySet<string>, random: Seeded): Promise<void> {
    const changed = await this.#changed(server)
    for (const callUuid of round) {
      const told = this.#load.told.get(callUuid)
      if (told === undefined || told.acknowledged.length === 0) continue
      const known = this.#ids.has(callUuid)
      assert.ok(known || changed.has(callUuid), `${callUuid} was acknowledged and is gone`)
    }
    for (const call of changed.values()) this.#checkOne(call)
    const { total } = await json<{ total: number }>(server, '/calls?legs=all&limit=1')
    assert.equal(total, this.#ids.size)
    assert.ok(total >= this.#load.acknowledgedCalls)
    const some = [...round].filter(() => random.integer(0, round.size) < LOOKED_UP)
    for (const callUuid of some) await this.#lookUp(server, callUuid)
  }

  /** Every call of an export. */
  async checkAll(server: ServerProcess): Promise<void> {
    const response = await server.ask('/calls/export?legs=all')
    const calls = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Call)
    assert.equal(new Set(calls.map(({ call_uuid }) => call_uuid)).size, calls.length)
    assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length)
    for (const call of calls) this.#checkOne(call)
    const there = new Set(calls.map(({ call_uuid }) => call_uuid))
    for (const [callUuid, { acknowledged }] of this.#load.told)
      assert.ok(acknowledged.length === 0 || there.has(callUuid), `${callUuid} was acknowledged and is gone`)
    this.unacknowledged = calls.length - this.#load.acknowledgedCalls
  }

  async #changed(server: ServerProcess): Promise<Map<string, Call>> {
    const changed = new Map<string, Call>()
    for (;;) {
      const page = await json<{ calls: Call[]; next: number }>(server, `/changes?limit=1000&after=${this.#after}`)
      for (const call of page.calls) {
        assert.ok(call.change_seq > this.#after && !changed.has(call.call_uuid))
        changed.set(call.call_uuid, call)
      }
      this.#after = page.next
      if (page.calls.length === 0) return changed
    }
  }

  #checkOne(call: Call): void {
    const { id, call_uuid: callUuid, state, user_data, started_at } = call
    const told = this.#load.told.get(callUuid)
    assert.ok(told !== undefined, `${callUuid} was never sent`)
    assert.equal(this.#ids.get(callUuid) ?? id, id, `${callUuid} has changed its id`)
    this.#ids.set(callUuid, id)
    assert.ok(told.starts.includes(Date.parse(started_at) / 1000), `${callUuid} has a start that was never sent`)
    if (told.erased === 'done') assert.ok(!JSON.stringify(call).includes(`${told.number}`.slice(1)), `${told.number}`)
    if (told.end === 'acknowledged') assert.equal(state, 'ended')
    if (told.end === 'none') assert.equal(state, 'ringing')
    if (user_data !== null) assert.equal(user_data, `call ${Number(callUuid.slice(-12))}`)
  }

  async #lookUp(server: ServerProcess, callUuid: string): Promise<void> {
    const told = this.#load.told.get(callUuid)
    const response = await server.ask(`/calls/${callUuid}`)
    if (told?.acknowledged.length === 0 && response.status === 404) return
    assert.equal(response.status, 200)
    this.#checkOne((await response.json()) as Call)
    if (told?.erased !== 'no') return
    const { reports } = await json<{ reports: string[] }>(server, `/calls/${callUuid}/reports`)
    for (const report of told?.acknowledged ?? []) assert.ok(reports.includes(report))
    assert.equal(new Set(reports).size, reports.length)
    for (const report of reports) assert.ok(told?.sent.includes(report))
  }
}

async function json<T>(server: ServerProcess, path: string): Promise<T> {
  const response = await server.ask(path)
  assert.equal(response.status, 200, path)
  return (await response.json()) as T
}

import assert from 'node:assert/strict'
import { defaultSettings } from '../../src/record/account.ts'
import type { RunningServer } from './running-server.ts'
import { Seeded } from './seeded.ts'

type Json = Record<string, unknown>

/** One report of a story, and the state of the whole conversation once it is in. */
export interface Step {
  report: Json
  state: 'ringing' | 'queued' | 'answered' | 'ended'
}

export interface Told {
  session_id: string
  state: string
  call_types: string[]
  talk_seconds: number
  wait_seconds: number | null
  primary: string
  counted: number
  calls: Json[]
  related: Json[]
  events: Json[]
}

/** `10:00:08` on the day of the stories. */
export const at = (time: string): string => `2024-01-15T${time}Z`

/** A report that a switch makes at a time about one call. */
export function reported(time: string, callUuid: string, body: Json): Json {
  return { call_uuid: callUuid, reported_at: at(time), ...body }
}

/** The same steps' reports in an order that the seed decides. */
export function shuffled(steps: readonly Step[], seed: number): Json[] {
  const random = new Seeded(seed)
  const left = steps.map(({ report }) => report)
  const order: Json[] = []
  while (left.length > 0) order.push(...left.splice(random.integer(0, left.length - 1), 1))
  return order
}

/** An account of its own on a running server, in which a story happens. */
export class StoryAccount {
  readonly #server: RunningServer
  readonly #accountId: string
  readonly #key: string

  constructor(server: RunningServer) {
    const { directory } = server.calltrail
    this.#server = server
    this.#accountId = directory.createAccount({ settings: defaultSettings('A story') }).id
    const given = { accountId: this.#accountId, name: 'the story', scopes: ['read', 'ingest'] as const }
    this.#key = directory.createKey(given).secret
  }

  async get(path: string): Promise<Json> {
    return (await (await this.#fetch(`/calltrail/v1${path}`)).json()) as Json
  }

  /** Each report in a request of its own. */
  async send(reports: readonly Json[]): Promise<void> {
    for (const report of reports) {
      const answer = await this.#fetch('/calltrail/v1/calls', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(report),
      })
      const { rejected_total, rejected } = (await answer.json()) as Json
      assert.equal(rejected_total, 0, JSON.stringify([report, rejected]))
    }
  }

  /** Sends what happens as it happens; after each report the conversation is in the state that the step says. */
  async watch(sessionId: string, steps: readonly Step[]): Promise<void> {
    for (const { report, state } of steps) {
      await this.send([report])
      const told = await this.session(sessionId)
      assert.equal(told.state, state, `after ${JSON.stringify(report)}`)
      const live = (await this.get('/calls/live')) as { calls: Json[]; total: number }
      const isLive = told.calls.some((call) => call.call_uuid === told.primary && call.ended_at === null)
      assert.deepEqual(
        [live.total, live.calls.map((call) => call.call_uuid)],
        isLive ? [1, [told.primary]] : [0, []],
        `live after ${JSON.stringify(report)}`,
      )
    }
  }

  async session(sessionId: string): Promise<Told> {
    return (await this.get(`/sessions/${encodeURIComponent(sessionId)}`)) as unknown as Told
  }

  /** How many calls each face counts. */
  async totals(): Promise<{ native: number; primary: number; plivo: number }> {
    const basic = Buffer.from(`${this.#accountId}:${this.#key}`).toString('base64')
    const plivo = await fetch(
      `${this.#server.url}/v1/Account/${this.#accountId}/Zentrunk/Call/?end_time__gte=2024-01-15%2000:00:00`,
      { headers: { authorization: `Basic ${basic}` } },
    )
    const { meta } = (await plivo.json()) as { meta: { total_count: number } }
    return {
      native: (await this.get('/calls?limit=1')).total as number,
      primary: (await this.get('/calls?limit=1&legs=primary')).total as number,
      plivo: meta.total_count,
    }
  }

  #fetch(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#key}`, ...options.headers }
    return fetch(`${this.#server.url}${path}`, { ...options, headers })
  }
}

/** The events of a conversation, a line each: `10:00:08 agent_answered Ann`. */
export function lines({ events }: Told): string[] {
  return events.map((event) => {
    const words = [event.leg, nameOf(event.ring_group), event.transfer, nameOf(event.agent)]
    const to = nameOf(event.to_agent) ?? event.to_number
    if (to != null) words.push(`to ${to}`)
    const by = event.event === 'ended' ? event.side : event.by
    if (by != null) words.push(`by ${by}`)
    const time = event.at === null ? '-' : String(event.at).slice(11, 19)
    return [time, event.event, ...words.filter((word) => word != null)].join(' ')
  })
}

function nameOf(who: unknown): unknown {
  const { name, alias } = (who ?? {}) as Json
  return name ?? alias
}

/** A conversation without what tells when it reached us: the same for every order of its reports. */
export function timeless(told: Told): unknown {
  const strip = (call: Json) => ({ ...call, account_id: '', id: 0, received_at: '', updated_at: '', change_seq: 0 })
  return { ...told, calls: told.calls.map(strip), related: told.related.map(strip) }
}

/** The conversation is the same in every order in which its reports can come, and is counted once. */
export async function isTheSameInAnyOrder(
  server: RunningServer,
  { sessionId, steps }: { sessionId: string; steps: readonly Step[] },
): Promise<void> {
  const inOrder = new StoryAccount(server)
  await inOrder.send(steps.map(({ report }) => report))
  const expected = timeless(await inOrder.session(sessionId))
  for (let seed = 1; seed <= 6; seed += 1) {
    const account = new StoryAccount(server)
    await account.send(shuffled(steps, seed))
    assert.deepEqual(timeless(await account.session(sessionId)), expected, `seed ${seed}`)
    assert.deepEqual(await account.totals(), { native: 1, primary: 1, plivo: 1 })
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ACCOUNT, RunningServer } from './running-server.ts'
import type { Seeded } from './seeded.ts'

export type Event = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: a test compares what it reads with what it expects, field by field.
export type Wire = Record<string, any>

export const USER = 'pbx'
export const PASSWORD = 'correct horse'
export const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`

/** 2025-01-02T13:10:00Z in Unix seconds: when the calls of these tests begin. */
export const START_S = 1_735_823_400

/** What a PBX sent about one call, in order, its `call_cdr` last. */
export function ivrQueueAgent(): Event[] {
  const path = join(import.meta.dirname, '../fixtures/portsip-webhooks/ivr-queue-agent.json')
  return JSON.parse(readFileSync(path, 'utf8')) as Event[]
}

/** A server with sources of the kind portsip, and what a PBX does with it. */
export class PortsipPbx {
  readonly server: RunningServer

  private constructor(server: RunningServer) {
    this.server = server
  }

  static async start(settings: Parameters<typeof RunningServer.start>[0] = {}): Promise<PortsipPbx> {
    const pbx = new PortsipPbx(await RunningServer.start(settings))
    await pbx.put('pbx')
    return pbx
  }

  /** Makes a source, or changes it: all calls are the first account's, unless `given` has other rules. */
  async put(name: string, given: object = {}): Promise<void> {
    const rules = [{ match: 'fixed', account_id: ACCOUNT }]
    const body = { kind: 'portsip', rules, access: { user: USER, password: PASSWORD }, ...given }
    const headers = { 'content-type': 'application/json' }
    const answer = await this.server.native(`/sources/${name}`, { method: 'PUT', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`PUT /sources/${name}: ${answer.status} ${await answer.text()}`)
  }

  /** One request to a source's webhook, with Basic unless told otherwise. */
  async post(
    body: string | Buffer,
    { source = 'pbx', headers = {} }: { source?: string; headers?: Record<string, string> } = {},
  ) {
    const answer = await fetch(`${this.server.url}/calltrail/v1/sources/${source}`, {
      method: 'POST',
      headers: { authorization: BASIC, 'content-type': 'application/json', ...headers },
      body: body as never,
    })
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Wire }
  }

  /** Sends events one by one; throws unless each is acknowledged and none is quarantined. */
  async send(events: readonly Event[], source = 'pbx'): Promise<void> {
    for (const event of events) this.#check(await this.post(JSON.stringify(event), { source }))
  }

  /** Sends events in one request. */
  async sendTogether(events: readonly Event[], source = 'pbx'): Promise<void> {
    this.#check(await this.post(JSON.stringify(events), { source }))
  }

  #check({ status, body }: { status: number; body: Wire }): void {
    if (status !== 200 || body.quarantined > 0) throw new Error(`${status} ${JSON.stringify(body)}`)
  }

  /** The calls and legs of a source, by start, leg and number, without what depends on the arrival. */
  async calls(source = 'pbx'): Promise<Wire[]> {
    const answer = await this.server.native(`/calls?legs=all&limit=1000&source=${source}`)
    const { calls } = (await answer.json()) as { calls: Wire[] }
    return calls
      .map(({ id, received_at, updated_at, change_seq, ...call }) => call as Wire)
      .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  }

  /** The only conversation of a source. */
  async call(source = 'pbx'): Promise<Wire> {
    const [call, ...others] = (await this.calls(source)).filter(({ leg }) => leg !== 'b')
    if (call === undefined || others.length > 0) throw new Error(`${1 + others.length} conversations`)
    return call
  }

  async quarantine(): Promise<Wire[]> {
    const answer = await this.server.native('/quarantine?all=true&limit=200')
    return ((await answer.json()) as { entries: Wire[] }).entries
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}

/** The same events in another order. */
export function shuffled<T>(values: readonly T[], seeded: Seeded): T[] {
  const left = [...values]
  return values.map(() => left.splice(seeded.integer(0, left.length - 1), 1)[0] as T)
}

/** Calls of a source as text in which nothing names the source: UUIDs follow from its name. */
export function anonymous(calls: readonly Wire[], source: string): string {
  let text = JSON.stringify(
    calls.map(({ source: _, ...call }) => call),
    null,
    1,
  ).replaceAll(`"${source}"`, '"source"')
  for (const call of calls) text = text.replaceAll(call.call_uuid, `uuid of ${placeOf(call)}`)
  return text
}

const placeOf = ({ started_at, leg, to }: Wire) => `${started_at} ${leg} ${to.number}`

/** A target of a `call_cdr`; times are seconds from the start, null for what did not happen. */
export interface TargetGiven {
  callee: string
  at: number
  rang?: number | null
  answered?: number | null
  ended: number
  reason?: string
  type?: string
  code?: number
  extra?: Event
}

const time = (seconds: number | null) => (seconds === null ? '0' : String(START_S + seconds))

export function endpointOf(callee: string): string {
  return `sip:${callee}@192.0.2.${40 + (Number(callee) % 100)}:5060`
}

export function aTarget(given: TargetGiven): Event {
  const {
    callee,
    at,
    rang = at,
    answered = null,
    ended,
    reason = 'None',
    type = 'normal_call',
    code = 0,
    extra,
  } = given
  return {
    answered_time: time(answered),
    call_type: type,
    callee,
    caller: '12025550147',
    destination: endpointOf(callee),
    did: '',
    end_reason: reason,
    ended_time: time(ended),
    id: '901000000000000001',
    outbound_caller_id: '',
    ring_duration: String((answered ?? ended) - (rang ?? at)),
    ring_time: time(rang),
    start_time: time(at),
    status: answered === null ? 'noanswer' : 'answered',
    status_code: code,
    talk_duration: answered === null ? '0' : String(ended - answered),
    trunk_name: '31:901000000000000077',
    ...extra,
  }
}

export interface CdrGiven {
  direction?: string
  caller?: string
  callee?: string
  answered?: number | null
  ended: number
  reason?: string
  code?: number
  targets?: readonly TargetGiven[]
  extra?: Event
}

/** A `call_cdr` of an inbound call in the documented shape, unless told otherwise. */
export function aCdr(given: CdrGiven): Event {
  const { direction = 'inbound', caller = '12025550147', callee = '5100', answered = null, ended } = given
  const { reason = 'None', code = 0, targets = [], extra } = given
  return {
    event_type: 'call_cdr',
    session_id: '901772345600100352',
    tenant_id: '901000000000000001',
    call_id: 'Kx7f2mPq0dWzB3nTsLh9Yg..',
    call_status: answered === null ? 'noanswer' : 'answered',
    direction,
    caller,
    caller_domain: direction === 'inbound' ? '203.0.113.9' : 'pbx.example',
    caller_display_name: '',
    callee,
    callee_domain: 'pbx.example',
    did: direction === 'inbound' ? '12025550190' : '',
    outbound_caller_id: '',
    start_time: time(0),
    ring_time: time(0),
    answered_time: time(answered),
    ended_time: time(ended),
    talk_duration: answered === null ? 0 : ended - answered,
    status_code: String(code),
    ended_reason: reason,
    tenant_name: 'example',
    trunk_name: direction === 'internal' ? '' : '31:901000000000000077',
    user_data: '',
    call_targets: targets.map(aTarget),
    ...extra,
  }
}

/** What the PBX sent before the CDR, in order. */
export function liveEventsOf(cdr: Event): Event[] {
  const { session_id, tenant_id, direction, caller, callee, did, outbound_caller_id } = cdr
  const common = { session_id, tenant_id, direction, caller, did, outbound_caller_id }
  const cdr_id = String(BigInt(session_id as string) + 1n)
  const start = {
    ...common,
    event_type: 'call_start',
    time: cdr.start_time,
    cdr_id,
    call_id: cdr.call_id,
    callee: `sip:${callee}@pbx.example`,
    callee_display_name: '',
    caller_display_name: cdr.caller_display_name,
    user_data: '',
  }
  const ofTargets = (cdr.call_targets as Event[]).flatMap((target) => {
    const event = (type: string, at: unknown) =>
      at === '0' ? [] : [{ event_type: type, time: at, ...common, cdr_id, destiantion: target.destination }]
    return [
      ...event('cdr_target_add', target.start_time),
      ...event('cdr_target_ringing', target.ring_time),
      ...event('cdr_target_answer', target.answered_time),
      ...event(target.answered_time === '0' ? 'cdr_target_noanswer' : 'cdr_target_end', target.ended_time),
    ]
  })
  return [start, ...ofTargets.sort((one, other) => Number(one.time) - Number(other.time))]
}

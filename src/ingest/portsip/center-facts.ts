import { formatRfc3339 } from '../../record/time.ts'
import type { SourceService } from '../../store/directory.ts'
import { isOutside } from './address.ts'
import type { CallTarget, Session } from './call-target.ts'
import { hangupReasonOf } from './hangup-reason.ts'
import { isCallback, isNear, isOfQueue, rolesOf, serviceOf, type TargetRole } from './target-roles.ts'

type Wire = Record<string, unknown>

interface Placed {
  target: CallTarget
  role: TargetRole
}

/** A stay in a queue. */
interface Stay {
  number: string | null
  queuedAtUs: number
  endedAtUs: number
  members: CallTarget[]
  /** The targets that came after it began. */
  later: readonly CallTarget[]
}

/**
 * The contact-centre facts of a finished session in the native wire form; null for a plain call: one without IVR, queue
 * and callback, and without a transfer unless it stayed inside.
 */
export function centerFacts(
  targets: readonly CallTarget[],
  session: Session,
  services: readonly SourceService[],
): Wire | null {
  const roles = rolesOf(targets, session, services)
  const placed = targets.map((target, index): Placed => ({ target, role: roles[index] as TargetRole }))
  const stays = staysOf(placed, session)
  const ivr = placed.find(({ role }) => role === 'ivr')?.target ?? null
  const callback = callbackOf(targets, session, stays)
  const transfers = new Map(targets.map((target) => [target, transferOf(target)]))
  markLast(transfers, placed, session)
  const handedOn = session.direction !== 'internal' && [...transfers.values()].some((transfer) => transfer !== 'none')
  if (ivr === null && stays.length === 0 && callback === null && !handedOn) return null
  return {
    ivr: ivr === null ? null : ivrFacts(ivr.number, ivr.startedAtUs, services),
    queues: stays.map((stay) => queueFacts(stay, { session, services, callback })),
    agents: agentsOf(placed).map((target) => agentFacts(target, transfers)),
    external_numbers: placed.flatMap(({ target, role }) =>
      role === 'outside' && !isCallback(target)
        ? [{ number: target.number, transfer: handedTo(target, placed, transfers) }]
        : [],
    ),
    ...(callback === 'asked' ? { requested_callback: true } : {}),
    ...(callback === 'made' ? { automated_callback: true } : {}),
  }
}

/** `8000` -> 8000; null for what is no whole number: ids are integers. */
function idOf(number: string): number | null {
  return /^\d{1,15}$/.test(number) ? Number(number) : null
}

export function ivrFacts(number: string, enteredAtUs: number, services: readonly SourceService[]): Wire | null {
  const id = idOf(number)
  const name = serviceOf(number, services)?.name ?? null
  return id === null ? null : { id, name, entered_at: formatRfc3339(enteredAtUs) }
}

export function ringGroup(number: string | null, services: readonly SourceService[]): Wire | null {
  const id = number === null ? null : idOf(number)
  return id === null ? null : { id, name: serviceOf(number as string, services)?.name ?? null }
}

/** The queues that the caller stayed in, each with the endpoints that it called. */
function staysOf(placed: readonly Placed[], session: Session): Stay[] {
  const stays = placed.flatMap(({ target, role }, index): Stay[] => {
    if (role !== 'queue') return []
    const { number, startedAtUs: queuedAtUs, endedAtUs } = target
    return [{ number, queuedAtUs, endedAtUs, members: [], later: placed.slice(index + 1).map((one) => one.target) }]
  })
  for (const { target, role } of placed) {
    if (role === 'ivr' || role === 'queue') continue
    const stay = stays.findLast(({ queuedAtUs }) => queuedAtUs <= target.startedAtUs)
    if (stay !== undefined && (target.startedAtUs < stay.endedAtUs || isOfQueue(target))) stay.members.push(target)
  }
  const unplaced = placed.flatMap(({ target, role }) => (role === 'agent' && isOfQueue(target) ? [target] : []))
  if (stays.length > 0 || unplaced.length === 0 || session.direction === 'outbound') return stays
  // A ring group calls its members itself and is no target: it is the number that was called.
  const [first] = unplaced as [CallTarget]
  const isGroup = session.callee !== null && unplaced.every(({ number }) => number !== session.callee)
  const number = isGroup && !isOutside(session.callee as string) ? session.callee : null
  const endedAtUs = Math.max(...unplaced.map((target) => target.endedAtUs))
  const later = placed.slice(placed.findIndex(({ target }) => target === first)).map(({ target }) => target)
  return [{ number, queuedAtUs: first.startedAtUs, endedAtUs, members: unplaced, later }]
}

/** `asked`: the caller of this session asked a queue to be called back. `made`: this session is such a call. */
function callbackOf(targets: readonly CallTarget[], session: Session, stays: readonly Stay[]): 'asked' | 'made' | null {
  if (!targets.some(isCallback)) return null
  return session.direction === 'inbound' && stays.length > 0 ? 'asked' : 'made'
}

function queueFacts(
  stay: Stay,
  given: {
    session: Session
    services: readonly SourceService[]
    callback: 'asked' | 'made' | null
  },
): Wire {
  const rungAtUs = stay.members.map(({ startedAtUs }) => startedAtUs)
  const answers = stay.members.flatMap((target) => (isCallback(target) ? [] : (target.answeredAtUs ?? [])))
  const leftAtUs = answers.length > 0 ? Math.min(...answers) : stay.endedAtUs
  return {
    ring_group: ringGroup(stay.number, given.services),
    queued_at: formatRfc3339(stay.queuedAtUs),
    distributed_at: rungAtUs.length === 0 ? null : formatRfc3339(Math.min(...rungAtUs)),
    left_at: formatRfc3339(leftAtUs),
    left_by: answers.length > 0 ? 'answer' : leftUnanswered(stay, given),
  }
}

/** To the next target that the queue did not call itself, or out of the call. */
function leftUnanswered(
  { endedAtUs, members, later }: Stay,
  { session, callback }: { session: Session; callback: string | null },
): 'overflow' | 'hangup' | 'callback' {
  const next = later.find((target) => !members.includes(target) && target.startedAtUs >= endedAtUs - 1_000_000)
  if (next !== undefined && !isCallback(next)) return 'overflow'
  if (callback === 'asked') return 'callback'
  return isNear(endedAtUs, session.endedAtUs) || endedAtUs > session.endedAtUs ? 'hangup' : 'overflow'
}

type Transfer = 'none' | 'blind' | 'warm'

const TRANSFERS = new Map<string, Transfer>([
  ['REFERRED', 'blind'],
  ['BLIND_TRANSFER_COMPLETED', 'blind'],
  ['REPLACED', 'warm'],
  ['CONSULT_TRANSFER_COMPLETED', 'warm'],
])

/** How who answered there handed the call on. */
function transferOf({ answeredAtUs, endReason }: CallTarget): Transfer {
  return answeredAtUs === null ? 'none' : (TRANSFERS.get(endReason ?? '') ?? 'none')
}

/** How the caller came to an outside number: handed on by the last person before it who did, else called at once. */
function handedTo(
  target: CallTarget,
  placed: readonly Placed[],
  transfers: ReadonlyMap<CallTarget, Transfer>,
): Transfer {
  const before = placed.slice(
    0,
    placed.findIndex((one) => one.target === target),
  )
  const by = before.findLast((one) => (transfers.get(one.target) ?? 'none') !== 'none')
  return by === undefined ? 'none' : (transfers.get(by.target) ?? 'none')
}

/** Services hand on too, and that is no transfer; where only the session tells of one, the last who talked made it. */
function markLast(transfers: Map<CallTarget, Transfer>, placed: readonly Placed[], { endReason }: Session): void {
  const people = placed.filter(({ role }) => role === 'agent' || role === 'outside')
  for (const { target, role } of placed) if (role === 'ivr' || role === 'queue') transfers.set(target, 'none')
  if (people.some(({ target }) => transfers.get(target) !== 'none')) return
  const last = people.findLast(({ target }) => target.answeredAtUs !== null)
  if (last !== undefined) transfers.set(last.target, TRANSFERS.get(endReason ?? '') ?? 'none')
}

/** Each agent once for each time that they were rung: of several phones the one that answered counts. */
function agentsOf(placed: readonly Placed[]): CallTarget[] {
  const agents = new Map<string, CallTarget>()
  for (const { target, role } of placed) {
    if (role !== 'agent' || target.number === '') continue
    const key = `${target.startedAtUs} ${target.number}`
    const held = agents.get(key)
    if (held === undefined || (held.answeredAtUs === null && target.answeredAtUs !== null)) agents.set(key, target)
  }
  return [...agents.values()]
}

function agentFacts(target: CallTarget, transfers: ReadonlyMap<CallTarget, Transfer>): Wire {
  const { number, destination, startedAtUs, answeredAtUs, endedAtUs } = target
  return {
    id: idOf(number),
    alias: number === '' ? null : number,
    sip: destination,
    started_at: formatRfc3339(startedAtUs),
    answered_at: answeredAtUs === null ? null : formatRfc3339(answeredAtUs),
    ended_at: formatRfc3339(endedAtUs),
    transfer: transfers.get(target),
    hangup_reason: hangupReasonOf(target),
  }
}

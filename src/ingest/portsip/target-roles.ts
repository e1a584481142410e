import type { SourceService } from '../../store/directory.ts'
import { isOutside } from './address.ts'
import type { CallTarget, Session } from './call-target.ts'

/** What a target is in the call; PortSIP does not say. */
export type TargetRole = 'ivr' | 'queue' | 'agent' | 'outside'

/** Whole seconds are written, so what happened at one instant can be a second apart. */
const AT_ONCE_US = 1_000_000

/**
 * The role of each target. What the source's services say holds. Else it is told by shape: a target answered at once
 * and `referred` is a queue, where somebody was called while it lasted; on a call from outside it is an IVR, where the
 * next target follows at its end. Else it is somebody: outside, by the length of the number, or an agent.
 */
export function rolesOf(
  targets: readonly CallTarget[],
  session: Session,
  services: readonly SourceService[],
): TargetRole[] {
  const roles: TargetRole[] = []
  for (const target of targets) {
    const named = serviceOf(target.number, services)
    roles.push(named?.kind ?? (isOutside(target.number) ? 'outside' : roleByShape(target, targets, session, roles)))
  }
  return roles
}

export function serviceOf(number: string, services: readonly SourceService[]): SourceService | null {
  return services.find((service) => service.number === number) ?? null
}

function roleByShape(
  target: CallTarget,
  targets: readonly CallTarget[],
  session: Session,
  before: readonly TargetRole[],
): TargetRole {
  if (!isAnsweredAtOnce(target)) return 'agent'
  if (isReferred(target) && isOfQueue(target)) return 'queue'
  const others = targets.filter((other) => other !== target && other.number !== target.number)
  const rung = others.filter(
    (other) =>
      !(isAnsweredAtOnce(other) && isReferred(other)) &&
      other.startedAtUs >= target.startedAtUs &&
      other.startedAtUs < target.endedAtUs,
  )
  if (isReferred(target)) {
    if (rung.length > 0) return 'queue'
    const isFirst = session.direction === 'inbound' && before.every((role) => role === 'ivr' || role === 'queue')
    return isFirst && others.some((other) => isNear(other.startedAtUs, target.endedAtUs)) ? 'ivr' : 'agent'
  }
  return session.direction === 'inbound' && isGivenUpIn(target, rung, session) ? 'queue' : 'agent'
}

/** Lasted to the end of the call while others were called later and nobody answered: a queue, its caller gone. */
function isGivenUpIn(target: CallTarget, rung: readonly CallTarget[], session: Session): boolean {
  if (rung.length === 0 || target.endReason === 'REPLACED' || !isNear(target.endedAtUs, session.endedAtUs)) return false
  return rung.every(({ startedAtUs, answeredAtUs }) => startedAtUs > target.startedAtUs && answeredAtUs === null)
}

function isAnsweredAtOnce({ startedAtUs, answeredAtUs }: CallTarget): boolean {
  return answeredAtUs !== null && answeredAtUs - startedAtUs <= AT_ONCE_US
}

function isReferred({ endReason }: CallTarget): boolean {
  return endReason === 'REFERRED' || endReason === 'BLIND_TRANSFER_COMPLETED'
}

/** Whether two times can be of one instant. */
export function isNear(aUs: number, bUs: number): boolean {
  return Math.abs(aUs - bUs) <= AT_ONCE_US
}

/** A call that a queue or a ring group made; the older words are without `_call`. */
export function isOfQueue({ callType }: CallTarget): boolean {
  return callType.startsWith('queue') || callType.startsWith('ring_group')
}

/** A call back to who asked for one; `callback_call`, `queue_callback_call` and the older words. */
export function isCallback({ callType }: CallTarget): boolean {
  return callType.includes('callback')
}

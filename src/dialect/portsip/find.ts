import type { CallRecord } from '../../record/call-record.ts'
import type { EncoderName } from '../../store/call-encoder.ts'
import type { CallStore, Reading } from '../../store/call-store.ts'
import { type CallQuery, type Expr, isPrimary } from '../../store/query.ts'
import { FaultError } from '../fault.ts'
import { itemsOf } from '../listed.ts'
import { isShown, type ShownCall } from './call.ts'
import { foreignIds, ownId } from './ids.ts'

/** A list request, read. */
export type ListRequest = Required<Pick<CallQuery, 'order' | 'limit' | 'offset'>> & { where: readonly Expr[] }

/** What the lists show: of each session the primary leg, once it has ended. */
const SHOWN: readonly Expr[] = [
  { op: 'eq', field: 'primary', value: true },
  { op: 'ne', field: 'endedAtUs', value: null },
]

/** The answer to a request: its rows as an encoder wrote them, and the exact number of matches. */
export async function listShown(
  calls: CallStore,
  { accountId, encoder }: { accountId: string; encoder: EncoderName },
  { where, ...paging }: ListRequest,
  reading: Reading,
): Promise<string> {
  const whole: Expr = { op: 'and', of: [...SHOWN, ...where] }
  const page = await calls.listText({ accountId, where: whole, ...paging, total: true, encoder }, reading)
  return `{"count":${page.total ?? 0},"items":[${itemsOf(page)}]}`
}

/**
 * The ended call of an id: the call that has it here, else the one that a source knows by it, else the first leg of the
 * session that has it; of several, the primary first and then the earliest. Throws `call_not_found`.
 */
export async function findShown(calls: CallStore, accountId: string, id: string, reading: Reading): Promise<ShownCall> {
  const notFound = new FaultError({ code: 'call_not_found', callId: id })
  if (!id.isWellFormed() || id.includes('\u0000')) throw notFound
  const own = ownId(id)
  const ours = own === null ? null : await calls.findById({ accountId, id: own })
  if (ours !== null && isShown(ours)) return ours
  for (const sourceId of foreignIds(id)) {
    const found = firstShown(await calls.findBySourceId({ accountId, sourceId }, reading))
    if (found !== null) return found
  }
  for (const sessionId of foreignIds(id)) {
    const found = firstShown(await calls.findBySession({ accountId, sessionId }, reading))
    if (found !== null) return found
  }
  throw notFound
}

/** Every ended leg of a call's session by start, the primary ones first; a call without a session is its only leg. */
export async function legsOf(calls: CallStore, call: ShownCall, reading: Reading): Promise<ShownCall[]> {
  const { accountId, sessionId } = call
  if (sessionId === null) return [call]
  return primaryFirst(await calls.findBySession({ accountId, sessionId }, reading))
}

function firstShown(found: readonly CallRecord[]): ShownCall | null {
  return primaryFirst(found)[0] ?? null
}

/** The ended ones of calls that are in order of their start. */
function primaryFirst(found: readonly CallRecord[]): ShownCall[] {
  const shown = found.filter(isShown)
  return [...shown.filter(isPrimary), ...shown.filter((call) => !isPrimary(call))]
}

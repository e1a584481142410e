import type { CallRecord } from '../../record/call-record.ts'

/**
 * Ids as PortSIP writes them: the base64 of a decimal (`NzAwNTUxOTA5NzczMTQ4MTYw` is `700551909773148160`). Its worked
 * examples have the bare decimal, so both are read; the padding may be left out.
 */
export function encodeId(decimal: string | number): string {
  return Buffer.from(String(decimal)).toString('base64')
}

/** The decimal in an encoded id, as it was written; null for anything else. */
export function decodeId(id: string): string | null {
  const bare = id.replace(/={1,2}$/, '')
  if (bare === '' || !/^[A-Za-z0-9]+$/.test(bare)) return null
  const text = Buffer.from(bare, 'base64').toString('latin1')
  return /^\d+$/.test(text) && encodeId(text).replace(/=+$/, '') === bare ? text : null
}

/** The number of ours that an id can be, encoded or plain; null where it is none of ours. */
export function ownId(id: string): number | null {
  const decimal = decodeId(id) ?? id
  const value = /^[1-9]\d{0,15}$/.test(decimal) ? Number(decimal) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}

/** What a source may have called a call that is asked for by this id: the text, the decimal in it, or its base64. */
export function foreignIds(id: string): string[] {
  const decimal = decodeId(id)
  return [...new Set([id, ...(decimal === null ? [encodeId(id)] : [decimal])])]
}

/** The id of a call: always ours, for a source's own could be another source's too. */
export function shownId({ id }: Pick<CallRecord, 'id'>): string {
  return encodeId(id)
}

/** The source's session, encoded where it is a decimal; a call without one is a session of its own. */
export function shownSessionId({ id, sessionId }: Pick<CallRecord, 'id' | 'sessionId'>): string {
  if (sessionId === null) return encodeId(id)
  return /^\d+$/.test(sessionId) ? encodeId(sessionId) : sessionId
}
